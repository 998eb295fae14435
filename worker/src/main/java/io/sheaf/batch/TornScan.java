package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.ContentsCheck;
import io.sheaf.zip.DataDescriptor;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a zip of another program that has no directory, by its local headers, from one to the next.
 * As in {@link RegionScan} the sizes in the headers lead, and contents are never searched for
 * something that looks like a header. Where sizes follow the contents, deflated contents tell their
 * own end; of stored ones nobody knows it.
 */
final class TornScan {
  private static final int DIRECTORY_SIGNATURE = 0x02014b50;
  private static final int END_SIGNATURE = 0x06054b50;

  private final DiskFile file;
  private final long size;
  private final ContentsCheck check = new ContentsCheck();
  private final LocalHeader header = new LocalHeader();
  private final HeaderWindow headers;
  private final DirectoryBuilder records = new DirectoryBuilder(4096);
  private final List<RegionScan.Span> bad = new ArrayList<>();
  private long at;
  private boolean clean;

  private TornScan(DiskFile file) throws IOException {
    this.file = file;
    this.size = file.size();
    this.headers = new HeaderWindow(file, size, header);
  }

  static TornScan of(DiskFile file) throws IOException {
    TornScan scan = new TornScan(file);
    scan.run();
    return scan;
  }

  private void run() throws IOException {
    boolean more = size > 0;
    while (more) {
      more = headers.read(at) && takeEntry() && at < size; // Each entry moves the place.
    }
    clean = at == size || directoryFollows();
  }

  /** Records for the entries whose checksum holds, as a directory would have them. */
  DirectoryBuilder records() {
    return records;
  }

  /** Places of entries whose checksum does not hold. */
  List<RegionScan.Span> bad() {
    return bad;
  }

  /** Where the last entry ends. */
  long end() {
    return at;
  }

  /** Whether nothing follows there, or the beginning of a directory, and nothing torn. */
  boolean clean() {
    return clean;
  }

  private boolean takeEntry() throws IOException {
    if (!header.name().hasRemaining() || !header.extraWellFormed()) {
      return false;
    }
    return (header.flags() & ZipFormat.FLAG_DATA_DESCRIPTOR) == 0 ? takeSized() : takeStream();
  }

  private boolean takeSized() throws IOException {
    long contents = at + header.length();
    if (!isSizeKnown() || header.compressedSize() > size - contents) {
      return false;
    }
    ContentsCheck.Contents said =
        new ContentsCheck.Contents(header.compressedSize(), header.size(), header.crc());
    boolean holds =
        check.holds(
            file, contents, header.method(), said.compressedSize(), said.size(), said.crc());
    if (!holds) {
      bad.add(new RegionScan.Span(at, header.length() + said.compressedSize()));
    }
    take(holds, said, 0);
    return true;
  }

  /**
   * A writer that fills in the sizes when it has written the contents, as Python does, and died
   * before, has left 0 for the compressed one.
   */
  private boolean isSizeKnown() {
    return header.zip64Complete()
        && header.compressedSize() >= 0
        && (header.compressedSize() > 0 || header.size() == 0)
        && (header.method() != ZipFormat.STORED || header.size() == header.compressedSize());
  }

  private boolean takeStream() throws IOException {
    long contents = at + header.length();
    if (header.method() != ZipFormat.DEFLATED) {
      return false;
    }
    var found = check.inflated(file, contents, size - contents);
    if (found.isEmpty()) {
      return false;
    }
    int descriptor =
        DataDescriptor.length(file, contents + found.get().compressedSize(), size, found.get());
    if (descriptor > 0) {
      take(true, found.get(), descriptor);
    }
    return descriptor > 0;
  }

  private void take(boolean holds, ContentsCheck.Contents contents, int more) {
    if (holds) {
      records.addAll(header.asRecord(at, contents), 1);
    }
    at += header.length() + contents.compressedSize() + more;
  }

  private boolean directoryFollows() throws IOException {
    if (size - at < 4) {
      return false;
    }
    ByteBuffer bytes = ByteBuffer.allocate(4);
    file.readFully(bytes, at);
    int signature = Integer.reverseBytes(bytes.getInt(0));
    return signature == DIRECTORY_SIGNATURE || signature == END_SIGNATURE;
  }
}
