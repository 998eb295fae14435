package io.sheaf.batch;

import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import io.sheaf.zip.EntryHeader;
import io.sheaf.zip.ZipFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * An entry whose contents are in memory, compressed and summed, ready to be appended to a batch.
 */
public final class PreparedEntry {
  private final EntryHeader header;
  private final ByteBuffer body;
  private final @Nullable MixedPart part;

  private PreparedEntry(EntryHeader header, ByteBuffer body, @Nullable MixedPart part) {
    this.header = header;
    this.body = body;
    this.part = part;
  }

  /**
   * Prepares an entry. Stored contents are not copied: they must stay as they are until the entry
   * has been appended. Contents that do not shrink are stored.
   *
   * @param name of the entry, checked with {@link Target#checkEntry}
   * @param modified milliseconds since the epoch
   */
  public static PreparedEntry of(
      String name, long modified, ByteBuffer contents, Compression compression) {
    return of(null, name, modified, contents, compression);
  }

  /**
   * As {@link #of(String, long, ByteBuffer, Compression)}, for a batch of several archives.
   *
   * @param part to which it will be appended; null for a batch of one archive
   */
  public static PreparedEntry of(
      @Nullable MixedPart part,
      String name,
      long modified,
      ByteBuffer contents,
      Compression compression) {
    return of(part, name, modified, Attributes.FILE, null, contents, compression);
  }

  /**
   * As above, of an entry that is more than a plain file. The target of a link is stored as it is.
   *
   * @param id of the deposit, if it has one
   */
  // The same buffer comes back when compression does not make it smaller: identity is the answer.
  @SuppressWarnings("ReferenceEquality")
  public static PreparedEntry of(
      @Nullable MixedPart part,
      String name,
      long modified,
      Attributes attributes,
      @Nullable DepositId id,
      ByteBuffer contents,
      Compression compression) {
    ByteBuffer stored = contents.duplicate();
    CRC32 crc = new CRC32();
    crc.update(stored.duplicate());
    ByteBuffer body = attributes.isSymlink() ? stored : Deflation.of(stored, compression);
    int method = body == stored ? ZipFormat.STORED : ZipFormat.DEFLATED;
    byte[] nameBytes = part == null ? name.getBytes(StandardCharsets.UTF_8) : part.nameOf(name);
    return new PreparedEntry(
        new EntryHeader(
            nameBytes,
            method,
            modified,
            (int) crc.getValue(),
            body.remaining(),
            stored.remaining(),
            false,
            part == null ? 0 : part.seq(),
            attributes,
            id),
        body,
        part);
  }

  /** Bytes that it takes in a batch, header included. */
  public int length() {
    return header.localLength() + body.remaining();
  }

  @Nullable MixedPart part() {
    return part;
  }

  EntryHeader header() {
    return header;
  }

  ByteBuffer body() {
    return body.duplicate();
  }
}
