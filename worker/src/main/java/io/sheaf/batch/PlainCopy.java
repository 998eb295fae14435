package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.ContentsCheck;
import io.sheaf.zip.DataDescriptor;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EndRecord;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.PlainEntry;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Writes a zip of another program anew, as a plain one: names in UTF-8, sizes in the headers, a
 * directory if it had none. Contents are copied as they stand. What cannot be copied so goes to
 * quarantine, and every byte that is of no entry: so the old file can go when the new one is
 * durable. Doing it again gives the same.
 */
public final class PlainCopy {
  private final DiskFile from;
  private final ForeignZip zip;
  private final DiskFile to;
  private final Keeping keeping;
  private final LocalHeader local = new LocalHeader();
  private final DirectoryBuilder directory = new DirectoryBuilder(4096);
  private final List<RegionScan.Span> covered = new ArrayList<>();
  private long at;
  private long copied;

  /** Keeps bytes of the old file in quarantine. */
  public interface Keeping {
    /** Both, bytes and reason, are durable when this returns. */
    void keep(String ending, long position, long length, String reason) throws IOException;
  }

  /**
   * @param to empty, open for writing
   */
  public PlainCopy(DiskFile from, ForeignZip zip, DiskFile to, Keeping keeping) {
    this.from = from;
    this.zip = zip;
    this.to = to;
    this.keeping = keeping;
  }

  /**
   * Writes the new file, which is not synced. Returns the number of its entries.
   *
   * @throws BadZipException when entries share their bytes: nobody knows then what to copy
   */
  public long run() throws IOException {
    if (zip.kind() == ForeignZip.Kind.TORN) {
      copyTorn();
    } else {
      copyAll(zip.directory(), zip.region());
      keepHoles();
    }
    ByteBuffer records = directory.bytes();
    ByteBuffer last =
        records.slice(
            Math.max(0, records.limit() - EndRecord.LOCATOR),
            Math.min(EndRecord.LOCATOR, records.limit()));
    EndRecord end = EndRecord.of(directory.entries(), at, directory.length(), last, new byte[0]);
    to.write(new ByteBuffer[] {directory.bytes(), end.encode()}, at);
    return directory.entries();
  }

  private void copyTorn() throws IOException {
    TornScan scan = TornScan.of(from);
    for (RegionScan.Span bad : scan.bad()) {
      keep(".entry", bad, "an entry of a zip without a directory; its checksum does not hold");
    }
    if (!scan.clean()) {
      keep(
          ".tail",
          new RegionScan.Span(scan.end(), from.size() - scan.end()),
          "the end of a zip whose writer died while it wrote ("
              + zip.problem()
              + "), not readable as"
              + " entries");
    }
    copyAll(scan.records().bytes(), scan.end());
  }

  private void copyAll(ByteBuffer records, long region) throws IOException {
    DirectoryCursor record = new DirectoryCursor(records);
    while (record.next()) {
      boolean whole =
          LocalHeaders.read(from, record.offset(), region, local) == LocalHeader.Found.HEADER
              && record.zip64Complete()
              && record.compressedSize() >= 0
              && record.compressedSize() <= region - record.offset() - local.length();
      if (whole) {
        copy(record, region);
      } else {
        keepUnreadable(record, region);
      }
    }
  }

  private void copy(DirectoryCursor record, long region) throws IOException {
    long length = local.length() + record.compressedSize();
    copied += length;
    if (copied > region) {
      throw new BadZipException("its entries overlap");
    }
    PlainEntry plain = PlainEntry.of(record);
    // What disagrees is copied as it stands: the merge says what is wrong with it.
    if (agree(record) && plain.fits()) {
      ByteBuffer header = plain.local(record, local);
      directory.addPlain(record, plain, at);
      at = write(header, at);
    } else {
      directory.addMoved(record, at);
      from.copyTo(to, at, record.offset(), local.length());
      at += local.length();
    }
    if (record.compressedSize() > 0) {
      from.copyTo(to, at, record.offset() + local.length(), record.compressedSize());
    }
    at += record.compressedSize();
    covered.add(new RegionScan.Span(record.offset(), length + descriptor(record, length, region)));
  }

  private long write(ByteBuffer header, long position) throws IOException {
    int n = header.remaining();
    to.write(header, position);
    return position + n;
  }

  private boolean agree(DirectoryCursor record) {
    boolean later = (local.flags() & ZipFormat.FLAG_DATA_DESCRIPTOR) != 0;
    boolean sameContents =
        local.crc() == record.crc()
            && local.size() == record.size()
            && local.compressedSize() == record.compressedSize();
    return local.flags() == record.flags()
        && local.method() == record.method()
        && local.zip64Complete()
        && local.extraWellFormed()
        && record.extraWellFormed()
        && local.name().equals(record.name())
        && (later || sameContents);
  }

  private int descriptor(DirectoryCursor record, long length, long region) throws IOException {
    if ((record.flags() & ZipFormat.FLAG_DATA_DESCRIPTOR) == 0) {
      return 0;
    }
    return DataDescriptor.length(
        from,
        record.offset() + length,
        region,
        new ContentsCheck.Contents(record.compressedSize(), record.size(), record.crc()));
  }

  private void keepUnreadable(DirectoryCursor record, long region) throws IOException {
    long start = Math.max(0, Math.min(record.offset(), region));
    long contents = Math.max(0, Math.min(record.compressedSize(), region));
    long length = Math.min(region - start, ZipFormat.LOCAL_LENGTH + record.nameLength() + contents);
    RegionScan.Span span = new RegionScan.Span(start, length);
    keep(
        ".entry",
        span,
        "entry number "
            + (covered.size() + 1)
            + ": there is no whole entry where the directory says");
    covered.add(span);
  }

  private void keepHoles() throws IOException {
    covered.sort(Comparator.comparingLong(RegionScan.Span::position));
    long end = 0;
    for (RegionScan.Span span : covered) {
      keepHole(end, span.position());
      end = Math.max(end, span.position() + span.length());
    }
    keepHole(end, zip.region());
  }

  private void keepHole(long start, long end) throws IOException {
    if (start < end) {
      RegionScan.Span hole = new RegionScan.Span(start, end - start);
      keep(".bytes", hole, "bytes of a zip that its directory does not list");
    }
  }

  private void keep(String ending, RegionScan.Span span, String reason) throws IOException {
    keeping.keep("." + span.position() + ending, span.position(), span.length(), reason);
  }
}
