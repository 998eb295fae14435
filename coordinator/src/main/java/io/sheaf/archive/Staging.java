package io.sheaf.archive;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.EndRecord;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file that will take an archive's place: the old archive's data, then what is appended, then a
 * new directory. It is not created, and the old data is not copied, before the first append.
 */
final class Staging implements Closeable {
  private static final int PIECE = 4 << 20;

  /** One a merging thread: pieces of this size are what makes copying as fast as the disk. */
  private static final ThreadLocal<ByteBuffer> PIECES =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PIECE));

  private final Disk disk;
  private final Path path;
  private final @Nullable DiskFile old;
  private final long oldData;
  private @Nullable DiskFile file;
  private long length;
  private int crc;

  /**
   * @param old the archive as it is, null when there is none; it must stay open
   */
  Staging(Disk disk, Path path, @Nullable DiskFile old, Ledger.Contents contents) {
    this.disk = disk;
    this.path = path;
    this.old = old;
    this.oldData = contents.dataLength();
    this.length = oldData;
    this.crc = contents.dataCrc();
  }

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
    return length != oldData;
  }

  /** Appends bytes of another file; returns their CRC32C. */
  int append(DiskFile from, long position, long count, PieceCheck check) throws IOException {
    DiskFile target = created();
    CRC32C sum = new CRC32C();
    ByteBuffer piece = PIECES.get();
    for (long done = 0; done < count; done += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE, count - done));
      from.readFully(piece, position + done);
      sum.update(piece.flip());
      check.see(piece.rewind(), position + done);
      target.write(piece.rewind(), length + done);
    }
    int appended = (int) sum.getValue();
    length += count;
    crc = Crc32c.combine(crc, appended, count);
    return appended;
  }

  int append(DiskFile from, long position, long count) throws IOException {
    return append(from, position, count, (piece, at) -> {});
  }

  void append(ByteBuffer bytes) throws IOException {
    int n = bytes.remaining();
    crc = Crc32c.combine(crc, Crc32c.of(bytes), n);
    created().write(bytes, length);
    length += n;
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
    if (file != null) {
      file.truncate(length);
    }
  }

  /** The file in which the data so far can be read; null while there is none. */
  @Nullable DiskFile data() {
    return file != null ? file : old;
  }

  private DiskFile created() throws IOException {
    if (file == null) {
      disk.createDirectories(path.resolveSibling(".").normalize());
      disk.delete(path);
      DiskFile created = disk.create(path);
      if (old != null) {
        old.copyTo(created, 0, 0, oldData);
      }
      file = created;
    }
    return file;
  }

  /** Writes the directory and the end, and syncs; the staged file is complete and durable then. */
  Ledger.Contents finish(DirectoryBuilder directory, byte[] comment) throws IOException {
    DiskFile target = created();
    EndRecord end = EndRecord.of(directory.entries(), length, directory.bytes(), comment);
    ByteBuffer endBytes = end.encode();
    int endCrc =
        Crc32c.combine(Crc32c.of(directory.bytes()), Crc32c.of(endBytes), endBytes.remaining());
    target.write(new ByteBuffer[] {directory.bytes(), endBytes}, length);
    target.sync();
    return new Ledger.Contents(
        length + directory.length() + end.length(),
        ArchiveFile.tail(target),
        length,
        crc,
        endCrc,
        directory.entries());
  }

  /** Removes the staged file, if there is one. */
  void discard() throws IOException {
    close();
    disk.delete(path);
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
