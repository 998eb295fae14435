package io.sheaf.zip;

import io.sheaf.disk.DiskFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** The contents of an entry, uncompressed. */
public final class EntryStreams {
  private static final int PIECE = 64 << 10;

  private EntryStreams() {}

  /**
   * A stream of the contents of the entry at which a cursor stands; the file stays the caller's.
   */
  public static InputStream of(DiskFile file, DirectoryCursor entry) throws IOException {
    long left = file.size() - entry.offset();
    if (entry.offset() < 0 || left < 0) {
      throw new BadZipException("an entry of " + file.path() + " lies outside of it");
    }
    ByteBuffer header = ByteBuffer.allocate((int) Math.min(LocalHeader.LONGEST, left));
    file.readFully(header, entry.offset());
    LocalHeader local = new LocalHeader();
    if (local.read(header.flip(), 0) != LocalHeader.Found.HEADER) {
      throw new BadZipException("no local header at " + entry.offset() + " of " + file.path());
    }
    InputStream raw = new Section(file, entry.offset() + local.length(), entry.compressedSize());
    return entry.method() == ZipFormat.DEFLATED ? new Inflating(raw) : raw;
  }

  /** Whether two streams of one length carry the same bytes. Both are closed. */
  public static boolean same(InputStream a, InputStream b, long length) throws IOException {
    try (a;
        b) {
      for (long done = 0; done < length; done += PIECE) {
        int n = (int) Math.min(PIECE, length - done);
        byte[] left = a.readNBytes(n);
        if (left.length != n || !Arrays.equals(left, b.readNBytes(n))) {
          return false;
        }
      }
      return true;
    } catch (ZipException | EOFException e) {
      // Deflated and damaged, in an archive that was there before: it is the same as nothing.
      return false;
    }
  }

  /** An inflater of its own, which must be ended. */
  private static final class Inflating extends InflaterInputStream {
    Inflating(InputStream raw) {
      super(raw, new Inflater(true), PIECE);
    }

    @Override
    public void close() throws IOException {
      super.close();
      inf.end();
    }
  }

  /** A part of a file. */
  private static final class Section extends InputStream {
    private final DiskFile file;
    private long at;
    private final long end;

    Section(DiskFile file, long start, long length) {
      this.file = file;
      this.at = start;
      this.end = start + length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (at >= end) {
        return -1;
      }
      int n = file.read(ByteBuffer.wrap(target, offset, (int) Math.min(length, end - at)), at);
      if (n > 0) {
        at += n;
      }
      return n;
    }
  }
}
