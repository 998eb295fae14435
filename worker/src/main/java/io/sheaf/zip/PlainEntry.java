package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What an entry of another program becomes, so that all readers read it alike: its sizes stand in
 * its headers and not behind its contents, and its name is ASCII, or UTF-8 under bit 11.
 *
 * <p>A name without that bit is, the first of these that holds: what its Unicode path field says
 * (4.6.9), as Info-ZIP does; its bytes, when they are UTF-8, as many programs write it; else code
 * page 437, as the format says, and as Python reads it.
 *
 * @param name in UTF-8; it may be longer than a header can say
 * @param flags general purpose bits
 */
@SuppressWarnings("ArrayRecordComponent") // a value on its way to a buffer, never compared
public record PlainEntry(byte[] name, int flags) {
  private static final int LONGEST_NAME = 0xFFFF;

  /** Version, CRC-32 of the name that it stands for. */
  private static final int UNICODE_PATH_HEAD = 5;

  /** Whether the entry at which a cursor stands is as it should be. */
  public static boolean is(DirectoryCursor record) {
    return (record.flags() & ZipFormat.FLAG_DATA_DESCRIPTOR) == 0
        && ((record.flags() & ZipFormat.FLAG_UTF8) != 0 || record.ascii());
  }

  public static PlainEntry of(DirectoryCursor record) {
    int flags = record.flags() & ~ZipFormat.FLAG_DATA_DESCRIPTOR;
    if ((flags & ZipFormat.FLAG_UTF8) != 0 || record.ascii()) {
      return new PlainEntry(bytes(record.name()), flags);
    }
    return new PlainEntry(utf8(record), flags | ZipFormat.FLAG_UTF8);
  }

  /** Whether headers have room for the name. */
  public boolean fits() {
    return name.length <= LONGEST_NAME;
  }

  private static byte[] utf8(DirectoryCursor record) {
    byte[] second = unicodePath(record);
    if (second != null) {
      return second;
    }
    return isUtf8(record.name())
        ? bytes(record.name())
        : DirectoryCursor.CP437.decode(record.name()).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte @Nullable [] unicodePath(DirectoryCursor record) {
    ByteBuffer field = record.extra(ZipFormat.EXTRA_UNICODE_PATH);
    if (field == null || field.remaining() <= UNICODE_PATH_HEAD || field.get(0) != 1) {
      return null;
    }
    CRC32 crc = new CRC32();
    crc.update(record.name());
    ByteBuffer name = field.slice(UNICODE_PATH_HEAD, field.limit() - UNICODE_PATH_HEAD);
    boolean current = ZipFormat.littleEndian(field).getInt(1) == (int) crc.getValue();
    return current && isUtf8(name) ? bytes(name) : null;
  }

  private static boolean isUtf8(ByteBuffer bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()) != null;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /**
   * The local header that it gets.
   *
   * @param record what the directory says of the entry
   * @param old the local header that it had
   */
  public ByteBuffer local(DirectoryCursor record, LocalHeader old) {
    boolean zip64 =
        record.size() >= ZipFormat.IN_ZIP64 || record.compressedSize() >= ZipFormat.IN_ZIP64;
    ByteBuffer b = ZipFormat.littleEndian(ByteBuffer.allocate(old.length() + name.length + 20));
    b.putInt(ZipFormat.LOCAL_SIGNATURE);
    b.putShort((short) (zip64 ? ZipFormat.VERSION_ZIP64 : record.versionNeeded()));
    b.putShort((short) flags).putShort((short) record.method()).putInt(record.dosTime());
    b.putInt(record.crc());
    b.putInt((int) (zip64 ? ZipFormat.IN_ZIP64 : record.compressedSize()));
    b.putInt((int) (zip64 ? ZipFormat.IN_ZIP64 : record.size()));
    b.putShort((short) name.length).putShort((short) 0).put(name);
    int extra = b.position();
    if (zip64) {
      b.putShort((short) ZipFormat.EXTRA_ZIP64).putShort((short) 16).putLong(record.size());
      b.putLong(record.compressedSize());
    }
    old.copyExtras(b);
    b.putShort(28, (short) (b.position() - extra));
    return b.flip();
  }
}
