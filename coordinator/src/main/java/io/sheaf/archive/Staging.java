package io.sheaf.archive;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.EndRecord;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Where a merge writes: the old archive's data, then what is appended, then a new directory.
 * Nothing is touched before the first append.
 */
abstract class Staging implements Closeable {
  private static final int PIECE = 1 << 20;

  /** So many bytes are written before their way to the device begins. */
  private static final long WINDOW = 8L << 20;

  /**
   * One a merging thread. Larger ones do not stay in the processor's cache between read and write.
   */
  private static final ThreadLocal<ByteBuffer> PIECES =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PIECE));

  private final @Nullable DiskFile old;
  private final Ledger.Contents before;
  private @Nullable DiskFile file;
  private long length;
  private long underWay;
  private int crc;

  /**
   * @param old the archive as it is, null when there is none; it must stay open
   */
  Staging(@Nullable DiskFile old, Ledger.Contents before) {
    this.old = old;
    this.before = before;
    this.length = before.dataLength();
    this.underWay = length;
    this.crc = before.dataCrc();
  }

  /** Opens the file that is written to; it holds the old data, and all after that may be lost. */
  abstract DiskFile open() throws IOException;

  /** Undoes what was written; the archive is as it was. */
  abstract void discard() throws IOException;

  /** Whether what is written is the archive itself, so that nothing is left to be renamed. */
  abstract boolean isArchive();

  /** What sees each piece of a region on its way. */
  interface PieceCheck {
    /** The bytes from a position of the source on, between the buffer's position and limit. */
    void see(ByteBuffer piece, long position) throws IOException;
  }

  /** Bytes of data so far. */
  long length() {
    return length;
  }

  /** Whether anything was appended. */
  boolean changed() {
    return length != before.dataLength();
  }

  /** Appends bytes of another file; returns their CRC32C. */
  int append(DiskFile from, long position, long count, PieceCheck check) throws IOException {
    DiskFile target = target();
    CRC32C sum = new CRC32C();
    ByteBuffer piece = PIECES.get();
    for (long done = 0; done < count; done += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE, count - done));
      from.readFully(piece, position + done);
      sum.update(piece.flip());
      check.see(piece.rewind(), position + done);
      target.write(piece.rewind(), length + done);
      written(target, length + done + piece.limit());
    }
    int appended = (int) sum.getValue();
    length += count;
    crc = Crc32c.combine(crc, appended, count);
    return appended;
  }

  /** The device is not idle while there is more to copy, and the merge does not wait for all. */
  private void written(DiskFile target, long end) {
    if (end - underWay >= WINDOW) {
      target.startSync();
      underWay = end;
    }
  }

  int append(DiskFile from, long position, long count) throws IOException {
    return append(from, position, count, (piece, at) -> {});
  }

  void append(ByteBuffer bytes) throws IOException {
    int n = bytes.remaining();
    crc = Crc32c.combine(crc, Crc32c.of(bytes), n);
    DiskFile target = target();
    target.write(bytes, length);
    length += n;
    written(target, length);
  }

  /** Where the data stood, to come back to. */
  record Mark(long length, int crc) {}

  Mark mark() {
    return new Mark(length, crc);
  }

  /** Forgets what was appended since a mark. */
  void cutBack(Mark mark) throws IOException {
    length = mark.length();
    crc = mark.crc();
    underWay = Math.min(underWay, length);
    if (file != null) {
      file.truncate(length);
    }
  }

  /** The file in which the data so far can be read; null while there is none. */
  @Nullable DiskFile data() {
    return file != null ? file : old;
  }

  private DiskFile target() throws IOException {
    if (file == null) {
      file = open();
    }
    return file;
  }

  /** Writes the directory and the end, and syncs: all is complete and durable then. */
  Ledger.Contents finish(MergedDirectory directory, byte[] comment) throws IOException {
    DiskFile target = target();
    int directoryCrc = directory.writeTo(target, length);
    EndRecord end =
        EndRecord.of(
            directory.entries(), length, directory.length(), last(target, directory), comment);
    ByteBuffer endBytes = end.encode();
    int endCrc = Crc32c.of(endBytes);
    long total = length + directory.length() + end.length();
    target.write(endBytes, total - end.length());
    if (target.size() > total) {
      target.truncate(total);
    }
    target.sync();
    return new Ledger.Contents(
        total,
        ArchiveFile.tail(target),
        length,
        crc,
        directory.length(),
        directoryCrc,
        endCrc,
        directory.entries());
  }

  /** The last bytes of the directory that was just written. */
  private ByteBuffer last(DiskFile target, MergedDirectory directory) throws IOException {
    int n = (int) Math.min(EndRecord.LOCATOR, directory.length());
    ByteBuffer bytes = ByteBuffer.allocate(n);
    target.readFully(bytes, length + directory.length() - n);
    return bytes.flip();
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
