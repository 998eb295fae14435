package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DepositId;
import io.sheaf.zip.EntryHeader;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * An entry that is being written to a batch in pieces, of any size.
 *
 * <p>Its local header first says a size that no file has, so that salvage takes an entry that was
 * never committed for the torn one that it is.
 */
public final class EntryWriter {
  /** From this known size on the local header needs the zip64 field. */
  private static final long WIDE = ZipFormat.IN_ZIP64;

  private static final int DEFLATED_PIECE = 64 << 10;

  private final BatchWriter batch;
  private final DiskFile file;
  private final long start;
  private final @Nullable MixedPart part;
  private final byte[] name;
  private final long modified;
  private final Attributes attributes;
  private final @Nullable DepositId id;
  private final long expected;
  private final Compression compression;
  private final boolean zip64;
  private @Nullable Deflater deflater;
  private ByteBuffer deflated = ByteBuffer.allocate(0);

  /** The beginning of contents, until it is known whether deflating them is worth it. */
  private @Nullable ByteBuffer probe;

  private final CRC32 crc = new CRC32();
  private final CRC32C written = new CRC32C();
  private long at;
  private long size;
  private boolean open = true;

  EntryWriter(
      BatchWriter batch,
      DiskFile file,
      long start,
      @Nullable MixedPart part,
      String name,
      long modified,
      Attributes attributes,
      @Nullable DepositId id,
      long expected,
      Compression compression) {
    this.batch = batch;
    this.file = file;
    this.start = start;
    this.part = part;
    this.name = part == null ? name.getBytes(StandardCharsets.UTF_8) : part.nameOf(name);
    this.modified = modified;
    this.attributes = attributes;
    this.id = id;
    this.expected = expected;
    this.compression = attributes.isSymlink() ? Compression.STORED : compression;
    // What does not shrink grows a little when it is deflated, so "nearly 4 GiB" may become wide.
    this.zip64 = expected < 0 || expected >= WIDE - (WIDE >>> 8);
    if (this.compression == Compression.AUTO) {
      this.probe = ByteBuffer.allocate(Deflation.PROBE);
    } else if (this.compression.deflates()) {
      startDeflating();
    }
  }

  private void startDeflating() {
    deflater = new Deflater(compression.level(), true);
    deflated = ByteBuffer.allocate(DEFLATED_PIECE);
  }

  void begin() throws IOException {
    EntryHeader torn = header(0, Long.MAX_VALUE, Long.MAX_VALUE);
    // A header without the zip64 field cannot say such a size, but one of 4 GiB less a byte.
    EntryHeader placeholder =
        zip64 ? torn : header(0, ZipFormat.IN_ZIP64 - 1, ZipFormat.IN_ZIP64 - 1);
    writeHeader(placeholder);
    at = start + placeholder.localLength();
  }

  private EntryHeader header(int crc32, long compressed, long contents) {
    return new EntryHeader(
        name,
        deflater == null ? ZipFormat.STORED : ZipFormat.DEFLATED,
        modified,
        crc32,
        compressed,
        contents,
        zip64,
        part == null ? 0 : part.seq(),
        attributes,
        id);
  }

  private int writeHeader(EntryHeader header) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(header.localLength());
    header.encodeLocal(bytes);
    bytes.flip();
    int sum = Crc32c.of(bytes);
    file.write(bytes, start);
    return sum;
  }

  /** Adds contents; the buffer may be used again afterwards. After a failure, abort. */
  public void write(ByteBuffer piece) throws IOException {
    ensureOpen();
    size += piece.remaining();
    crc.update(piece.duplicate());
    ByteBuffer undecided = probe;
    if (undecided != null) {
      int n = Math.min(piece.remaining(), undecided.remaining());
      undecided.put(piece.slice(piece.position(), n));
      piece.position(piece.position() + n);
      if (undecided.hasRemaining()) {
        return;
      }
      decide(undecided);
    }
    take(piece);
  }

  /** Looks at how the contents begin, and writes that. */
  private void decide(ByteBuffer beginning) throws IOException {
    probe = null;
    beginning.flip();
    if (beginning.hasRemaining() && Deflation.isWorth(beginning.duplicate(), compression)) {
      startDeflating();
    }
    take(beginning);
  }

  private void take(ByteBuffer piece) throws IOException {
    Deflater to = deflater;
    if (to == null) {
      put(piece);
    } else {
      // A copy: the deflater looks at its input again at the end, when the caller has refilled it.
      to.setInput(piece.duplicate());
      drain(to);
      piece.position(piece.limit());
    }
  }

  private void drain(Deflater from) throws IOException {
    int n;
    do {
      deflated.clear();
      n = from.deflate(deflated);
      put(deflated.flip());
    } while (n > 0);
  }

  private void put(ByteBuffer bytes) throws IOException {
    int n = bytes.remaining();
    if (n > 0) {
      written.update(bytes.duplicate());
      file.write(bytes, at);
      at += n;
    }
  }

  /** Bytes of contents so far. */
  public long size() {
    return size;
  }

  /**
   * Ends the entry: its header gets sizes and checksum. When this returns it survives the process;
   * when it throws, nothing of it is in the batch.
   */
  public void commit() throws IOException {
    ensureOpen();
    try {
      ByteBuffer undecided = probe;
      if (undecided != null) {
        decide(undecided);
      }
      Deflater last = deflater;
      if (last != null) {
        last.finish();
        drain(last);
      }
      if (expected >= 0 && size != expected) {
        throw new IOException("the contents have " + size + " bytes and not " + expected);
      }
      EntryHeader header = header((int) crc.getValue(), contentsLength(), size);
      batch.reserve(header);
      int headerSum = writeHeader(header);
      close();
      batch.committed(part, header, headerSum, (int) written.getValue());
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      close();
      batch.ended(e);
      throw e;
    }
  }

  private long contentsLength() {
    return at - start - header(0, 0, 0).localLength();
  }

  /** Cuts the batch back to where the entry began. Does nothing after commit or abort. */
  public void abort() throws IOException {
    if (open) {
      close();
      batch.ended(new IOException("aborted"));
    }
  }

  private void ensureOpen() {
    if (!open) {
      throw new IllegalStateException("the entry was committed or aborted");
    }
  }

  private void close() {
    open = false;
    Deflater used = deflater;
    if (used != null) {
      used.end();
    }
  }
}
