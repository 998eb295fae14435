package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which records in the directory of a zip of another program are of which archive: its members are
 * named {@code ar.zip/rel/path}. Only the places of the records are kept.
 */
final class AdoptedListing {
  /** What stands for the session, which such a zip has not. */
  private static final String SESSION = "adopt";

  /** Every part has this number: another zip is another worker's. */
  private static final long SEQ = 1;

  private static final String REASON =
      "its name says no archive that may be: ARCHIVE.zip/NAME is wanted";

  private final Map<String, Rows> rows = new TreeMap<>();
  private final Rows strangers = new Rows();

  private AdoptedListing() {}

  /** The records of an archive. */
  private static final class Rows {
    private int[] places = new int[8];
    private int count;
    private long bytes;
    private long region;
    private long length;

    void add(DirectoryCursor record) {
      if (count == places.length) {
        places = Arrays.copyOf(places, 2 * count);
      }
      places[count++] = record.at();
      bytes += record.size();
      region += ZipFormat.LOCAL_LENGTH + record.nameLength() + record.compressedSize();
      length += record.length();
    }

    PartList.Part part(String archive) {
      return new PartList.Part(archive, SEQ, count, bytes, region, 0, 0, length, 0);
    }
  }

  static AdoptedListing of(ByteBuffer directory) throws BadZipException {
    AdoptedListing listing = new AdoptedListing();
    Map<ByteBuffer, Rows> byPrefix = new HashMap<>();
    DirectoryCursor record = new DirectoryCursor(directory);
    while (record.next()) {
      listing.add(record, byPrefix);
    }
    return listing;
  }

  private void add(DirectoryCursor record, Map<ByteBuffer, Rows> byPrefix) {
    int prefix = prefixLength(record.nameArray(), record.nameFrom(), record.nameTo());
    ByteBuffer key = ByteBuffer.wrap(record.nameArray(), record.nameFrom(), Math.max(0, prefix));
    Rows own = byPrefix.get(key);
    if (own == null) {
      own = prefix < 0 ? strangers : rowsOf(key);
      byPrefix.put(ByteBuffer.allocate(key.remaining()).put(key.duplicate()).flip(), own);
    }
    if (prefix < record.nameLength()) {
      own.add(record);
    } else if (record.size() != 0 || record.compressedSize() != 0) {
      // Without contents it stands for the archive as a directory, and there is nothing to keep.
      strangers.add(record);
    }
  }

  /** Bytes of the archive's name and the slash behind it; -1 when a name begins with none. */
  private static int prefixLength(byte[] name, int from, int to) {
    int start = from;
    for (int i = from; i < to; i++) {
      if (name[i] == '/') {
        if (i - start >= 4
            && name[i - 4] == '.'
            && name[i - 3] == 'z'
            && name[i - 2] == 'i'
            && name[i - 1] == 'p') {
          return i + 1 - from;
        }
        start = i + 1;
      }
    }
    return -1;
  }

  private Rows rowsOf(ByteBuffer prefix) {
    try {
      String name =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(prefix.slice(prefix.position(), prefix.remaining() - 1))
              .toString();
      Target.checkArchive(name);
      return rows.computeIfAbsent(name, archive -> new Rows());
    } catch (CharacterCodingException | BadTargetException e) {
      return strangers;
    }
  }

  /** In the order of their names. */
  List<PartList.Part> parts() {
    List<PartList.Part> parts = new ArrayList<>(rows.size());
    rows.forEach((archive, own) -> parts.add(own.part(archive)));
    return parts;
  }

  /** What would stand in the zip if Sheaf had made it; the sum of its bytes is not known. */
  Manifest manifest(BatchName name, long region, int directoryCrc) {
    long closed = name.seq() * 1000;
    return new Manifest(
        Manifest.VERSION,
        Manifest.idOf(name.worker(), name.seq(), Manifest.MIXED),
        SESSION,
        name.worker(),
        name.seq(),
        Manifest.MIXED,
        rows.values().stream().mapToLong(own -> own.count).sum(),
        rows.values().stream().mapToLong(own -> own.bytes).sum(),
        region,
        0,
        directoryCrc,
        closed,
        closed,
        null,
        null);
  }

  /** The records of an archive, under the names that the entries get in it. */
  ByteBuffer records(String archive, ByteBuffer directory, int prefix) throws BadZipException {
    Rows own = rows.getOrDefault(archive, new Rows());
    DirectoryBuilder records = new DirectoryBuilder(Math.toIntExact(own.length));
    DirectoryCursor record = new DirectoryCursor(directory);
    for (int i = 0; i < own.count; i++) {
      record.moveTo(own.places[i]);
      records.addWithoutPrefix(record, prefix);
    }
    return records.bytes();
  }

  boolean hasStrangers() {
    return strangers.count > 0;
  }

  /** The entries that no archive gets. */
  List<MixedFile.Stranger> strangers(DiskFile file, ByteBuffer directory, long region)
      throws IOException {
    List<MixedFile.Stranger> found = new ArrayList<>();
    DirectoryCursor record = new DirectoryCursor(directory);
    for (int i = 0; i < strangers.count; i++) {
      record.moveTo(strangers.places[i]);
      long at = Math.max(0, Math.min(record.offset(), region));
      long contents = Math.max(0, Math.min(record.compressedSize(), region));
      long length = Math.min(region - at, headerLength(file, at, region) + contents);
      found.add(new MixedFile.Stranger(at, length, "entry " + printable(record) + ": " + REASON));
    }
    return found;
  }

  private static String printable(DirectoryCursor record) {
    String name = StandardCharsets.UTF_8.decode(record.name()).toString();
    return name.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
  }

  private static long headerLength(DiskFile file, long at, long region) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(LocalHeader.LONGEST, region - at));
    file.readFully(bytes, at);
    LocalHeader header = new LocalHeader();
    return header.read(bytes.flip(), 0) == LocalHeader.Found.HEADER
        ? header.length()
        : ZipFormat.LOCAL_LENGTH;
  }
}
