package io.sheaf.archive;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.DirectoryReader;
import io.sheaf.zip.EntryHeader;
import io.sheaf.zip.NameIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The directory of an archive that a merge adds to. The old records stay in their file and are
 * copied as bytes; the new ones are in memory. A record is known by its place, counted from the
 * first old one.
 */
final class MergedDirectory implements NameIndex.Names {
  private static final int PIECE = 1 << 20;

  private final long oldLength;
  private final long oldEntries;
  private final int oldCrc;
  private final DirectoryBuilder added = new DirectoryBuilder(64 << 10);
  private final NameIndex names;

  /** Records that are not listed any more, with their lengths. */
  private final TreeMap<Long, Integer> removed = new TreeMap<>();

  private @Nullable DiskFile source;
  private long position;

  private MergedDirectory(
      @Nullable DiskFile source, long position, Ledger.Contents old, NameIndex names) {
    this.source = source;
    this.position = position;
    this.oldLength = old.directoryLength();
    this.oldEntries = old.entries();
    this.oldCrc = old.directoryCrc();
    this.names = names;
  }

  /** Of an archive that is not there yet. */
  static MergedDirectory empty() {
    return new MergedDirectory(null, 0, Ledger.Contents.NONE, new NameIndex(0));
  }

  /** With an index of the same directory, which an earlier merge has made. */
  static MergedDirectory warm(DiskFile archive, Ledger.Contents contents, NameIndex names) {
    return new MergedDirectory(archive, contents.dataLength(), contents, names);
  }

  /**
   * Reads the names of an archive.
   *
   * @throws BadZipException when the directory is not the one that was committed
   */
  static MergedDirectory read(DiskFile archive, Ledger.Contents contents) throws IOException {
    NameIndex names = new NameIndex(contents.entries() + contents.entries() / 8);
    MergedDirectory directory =
        new MergedDirectory(archive, contents.dataLength(), contents, names);
    DirectoryReader reader =
        new DirectoryReader(archive, contents.dataLength(), contents.directoryLength());
    reader.forEach(
        (entry, record) -> {
          names.add(directory, entry.nameArray(), entry.nameFrom(), entry.nameTo(), record);
          return true;
        });
    if (reader.crc32c() != contents.directoryCrc()) {
      throw new BadZipException("its central directory is not the one that was committed");
    }
    return directory;
  }

  /** From now on the old records are read from another file, which has a copy of them. */
  void moveTo(DiskFile file, long start) {
    source = file;
    position = start;
  }

  NameIndex names() {
    return names;
  }

  /** Whether the places of the records are the same in the directory that was written. */
  boolean keepsPlaces() {
    return removed.isEmpty();
  }

  long length() {
    return oldLength + added.length() - removed.values().stream().mapToLong(n -> n).sum();
  }

  long entries() {
    return oldEntries + added.entries() - removed.size();
  }

  /** Bytes of records that were added. */
  int addedLength() {
    return added.length();
  }

  @Override
  public boolean isAt(long record, byte[] name, int from, int to) throws IOException {
    if (record >= oldLength) {
      return added.isNameAt((int) (record - oldLength), name, from, to);
    }
    return DirectoryReader.isNameAt(oldRecords(), position + record, name, from, to);
  }

  private DiskFile oldRecords() {
    if (source == null) {
      throw new IllegalStateException("there is no old directory");
    }
    return source;
  }

  /** Where the record with the name begins; {@link NameIndex#NONE} without one. */
  long find(byte[] name, int from, int to) throws IOException {
    return names.find(this, name, from, to);
  }

  /** As the other, with the hash of the name. */
  long find(int hash, byte[] name, int from, int to) throws IOException {
    return names.find(this, hash, name, from, to);
  }

  /** Lets a name mean the record that is added next; -1 when the name is there, else its slot. */
  int index(byte[] name, int from, int to) throws IOException {
    return names.add(this, name, from, to, next());
  }

  /** As the other, with the hash of the name. */
  int index(int hash, byte[] name, int from, int to) throws IOException {
    return names.add(this, hash, name, from, to, next());
  }

  /** Lets a name that is there mean the record that is added next. */
  void reindex(byte[] name, int from, int to) throws IOException {
    names.move(this, name, from, to, next());
  }

  /** A cursor that stands at a record. */
  DirectoryCursor at(long record) throws IOException {
    if (record >= oldLength) {
      return added.at((int) (record - oldLength));
    }
    return DirectoryReader.at(oldRecords(), position + record);
  }

  /** Where the records that were added stand, to come back to. */
  record Mark(int length, long entries) {}

  Mark mark() {
    return new Mark(added.length(), added.entries());
  }

  /**
   * Adds the record at which a cursor stands, for an entry that lies elsewhere now. Its name has
   * been indexed before.
   */
  void addMoved(DirectoryCursor entry, long offset) {
    added.addMoved(entry, offset);
  }

  void add(EntryHeader header, long offset) {
    added.add(header, offset);
  }

  private long next() {
    return oldLength + added.length();
  }

  /** Forgets the records that were added since a mark; their names are the caller's to forget. */
  void cutBack(Mark mark) {
    added.cutBack(mark.length(), mark.entries());
  }

  /** Does not list a record any more. */
  void remove(long record) throws IOException {
    removed.put(record, at(record).length());
  }

  /**
   * Writes the directory to a position of a file.
   *
   * @return its CRC32C
   */
  int writeTo(DiskFile target, long start) throws IOException {
    return removed.isEmpty() ? writeAll(target, start) : writeListed(target, start);
  }

  private int writeAll(DiskFile target, long start) throws IOException {
    if (oldLength > 0) {
      oldRecords().copyTo(target, start, position, oldLength);
    }
    target.write(added.bytes(), start + oldLength);
    return Crc32c.combine(oldCrc, Crc32c.of(added.bytes()), added.length());
  }

  private int writeListed(DiskFile target, long start) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    long end = oldLength + added.length();
    long at = start;
    for (long from = 0; from < end; ) {
      Map.Entry<Long, Integer> gap = removed.ceilingEntry(from);
      long to = gap == null ? end : gap.getKey();
      at += copy(from, Math.min(to, oldLength), target, at, piece, crc);
      at += copyAdded(Math.max(from, oldLength), to, target, at, crc);
      from = gap == null ? end : to + gap.getValue();
    }
    return (int) crc.getValue();
  }

  private long copy(long from, long to, DiskFile target, long at, ByteBuffer piece, CRC32C crc)
      throws IOException {
    for (long done = from; done < to; done += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE, to - done));
      oldRecords().readFully(piece, position + done);
      crc.update(piece.flip());
      target.write(piece.rewind(), at + done - from);
    }
    return Math.max(0, to - from);
  }

  private long copyAdded(long from, long to, DiskFile target, long at, CRC32C crc)
      throws IOException {
    if (from >= to) {
      return 0;
    }
    ByteBuffer records = added.bytes().slice((int) (from - oldLength), (int) (to - from));
    crc.update(records.duplicate());
    target.write(records, at);
    return to - from;
  }
}
