package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.ContentsCheck;
import io.sheaf.zip.EntryHeader;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads a batch that has no directory, by its local headers, from one to the next. The sizes in the
 * headers lead; contents are never searched for something that looks like a header.
 *
 * @param good entries whose checksum holds
 * @param bad places of entries whose checksum does not
 * @param end where the last entry ends
 * @param clean whether a directory or nothing follows there, and nothing torn
 */
record RegionScan(List<Entry> good, List<Span> bad, long end, boolean clean) {
  /** Signature of a central directory record (APPNOTE 4.3.12), of which sealing may have begun. */
  private static final int DIRECTORY_SIGNATURE = 0x02014b50;

  /** Bytes of a file. */
  record Span(long position, long length) {}

  /** An entry with the place of its header and contents. */
  record Entry(EntryHeader header, Span span) {}

  static RegionScan of(DiskFile file) throws IOException {
    return new Scanner(file, false).scan();
  }

  /**
   * As {@link #of}, for a batch of several archives: an entry that does not say of which part it
   * is, or does not say it right, is a bad one, and the list of the parts ends the region.
   */
  static RegionScan ofMixed(DiskFile file) throws IOException {
    return new Scanner(file, true).scan();
  }

  private static final class Scanner {
    private final DiskFile file;
    private final boolean mixed;
    private final long size;
    private final ContentsCheck check = new ContentsCheck();
    private final LocalHeader header = new LocalHeader();
    private final HeaderWindow headers;
    private final List<Entry> good = new ArrayList<>();
    private final List<Span> bad = new ArrayList<>();
    private final Map<String, Long> parts = new HashMap<>();
    private long at;

    Scanner(DiskFile file, boolean mixed) throws IOException {
      this.file = file;
      this.mixed = mixed;
      this.size = file.size();
      this.headers = new HeaderWindow(file, size, header);
    }

    RegionScan scan() throws IOException {
      boolean sealing = false;
      while (!sealing && at < size && headers.read(at)) {
        sealing = mixed && MixedFile.isList(header);
        if (!sealing && !takeEntry()) {
          break; // Each entry moves the place.
        }
      }
      return new RegionScan(good, bad, at, sealing || at == size || directoryFollows());
    }

    private boolean takeEntry() throws IOException {
      long contents = at + header.length();
      if (!header.zip64Complete()
          || !sane()
          || header.compressedSize() < 0
          || header.compressedSize() > size - contents) {
        return false;
      }
      Span span = new Span(at, header.length() + header.compressedSize());
      if (belongs()
          && check.holds(
              file,
              contents,
              header.method(),
              header.compressedSize(),
              header.size(),
              header.crc())) {
        good.add(new Entry(entryHeader(), span));
      } else {
        bad.add(span);
      }
      at += span.length();
      return true;
    }

    private boolean belongs() {
      if (!mixed) {
        return true;
      }
      Optional<String> archive = MixedPart.archiveOf(header.name());
      long part = header.part();
      return archive.isPresent()
          && part > 0
          && header.partHolds()
          && Objects.equals(parts.computeIfAbsent(archive.get(), name -> part), part);
    }

    /**
     * Where a length is damaged, what is taken for the next header may lie within contents, as in a
     * zip that is stored in this one: nobody can say where the next entry begins.
     */
    private boolean sane() {
      return header.name().hasRemaining()
          && header.extraWellFormed()
          && (header.method() != ZipFormat.STORED || header.size() == header.compressedSize());
    }

    private EntryHeader entryHeader() {
      byte[] name = new byte[header.name().remaining()];
      header.name().get(name);
      return new EntryHeader(
          name,
          header.method(),
          header.modified() * 1000,
          header.crc(),
          header.compressedSize(),
          header.size(),
          header.zip64(),
          header.part(),
          header.attributes(),
          header.depositId());
    }

    private boolean directoryFollows() throws IOException {
      if (size - at < 4) {
        return false;
      }
      ByteBuffer signature = ByteBuffer.allocate(4);
      file.readFully(signature, at);
      return Integer.reverseBytes(signature.getInt(0)) == DIRECTORY_SIGNATURE;
    }
  }
}
