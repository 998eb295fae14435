package io.sheaf.adopt;

import io.sheaf.zip.Attributes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** A zip as other programs write it: rear's, by Python, and those with what Python does not do. */
public final class RearZip {
  /** That Python writes when nothing is said. */
  public static final Attributes ATTRIBUTES = Attributes.of(0100600);

  private static final int DESCRIPTOR = 1 << 3;
  private static final int UTF8 = 1 << 11;

  private final ByteArrayOutputStream region = new ByteArrayOutputStream();
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private int entries;

  /** A stored entry with a name in ASCII, or in UTF-8 under bit 11. */
  public RearZip add(String name, String contents) {
    return add(name, utf8(contents));
  }

  /** As {@link #add(String, String)}. */
  public RearZip add(String name, byte[] contents) {
    boolean ascii = name.chars().allMatch(c -> c < 128);
    return add(utf8(name), ascii ? 0 : UTF8, 0, contents);
  }

  RearZip deflated(String name, String contents) {
    return add(utf8(name), 0, 8, utf8(contents));
  }

  /** An entry whose sizes follow the contents, as a program writes it that cannot seek. */
  RearZip streamed(String name, String contents, boolean deflated) {
    return add(utf8(name), DESCRIPTOR, deflated ? 8 : 0, utf8(contents));
  }

  /** A stored entry with any bytes for a name. */
  RearZip named(byte[] name, boolean saysUtf8, String contents) {
    return add(name, saysUtf8 ? UTF8 : 0, 0, utf8(contents));
  }

  private RearZip add(byte[] name, int flags, int method, byte[] contents) {
    int offset = region.size();
    byte[] data = method == 0 ? contents : deflate(contents);
    CRC32 crc = new CRC32();
    crc.update(contents);
    int sum = (int) crc.getValue();
    boolean later = (flags & DESCRIPTOR) != 0;
    ByteBuffer local = little(30 + name.length);
    local.putInt(0x04034b50).putShort((short) 20).putShort((short) flags);
    local.putShort((short) method).putInt(0x57_6e_00_00);
    local.putInt(later ? 0 : sum).putInt(later ? 0 : data.length);
    local.putInt(later ? 0 : contents.length);
    local.putShort((short) name.length).putShort((short) 0).put(name);
    region.writeBytes(bytes(local));
    region.writeBytes(data);
    if (later) {
      ByteBuffer rest = little(16).putInt(0x08074b50).putInt(sum);
      region.writeBytes(bytes(rest.putInt(data.length).putInt(contents.length)));
    }
    ByteBuffer record = little(46 + name.length);
    record.putInt(0x02014b50).putShort((short) (3 << 8 | 20)).putShort((short) 20);
    record.putShort((short) flags).putShort((short) method).putInt(0x57_6e_00_00).putInt(sum);
    record.putInt(data.length).putInt(contents.length).putShort((short) name.length);
    record.putShort((short) 0).putShort((short) 0).putShort((short) 0).putShort((short) 0);
    record.putInt(ATTRIBUTES.mode() << 16).putInt(offset).put(name);
    directory.writeBytes(bytes(record));
    entries++;
    return this;
  }

  /** Bytes that no entry has. */
  RearZip hole(byte[] bytes) {
    region.writeBytes(bytes);
    return this;
  }

  /** Closed. */
  public byte[] closed() {
    ByteBuffer end = little(22).putInt(0x06054b50).putInt(0);
    end.putShort((short) entries).putShort((short) entries);
    end.putInt(directory.size()).putInt(region.size()).putShort((short) 0);
    return concat(region.toByteArray(), directory.toByteArray(), bytes(end));
  }

  /** As its writer leaves it that dies over the next entry, having written so many bytes of it. */
  public byte[] torn(int more) {
    byte[] next = new RearZip().add("torn.zip/never", "x".repeat(more)).region.toByteArray();
    // Python fills in checksum and compressed size when the contents are written.
    Arrays.fill(next, 14, 22, (byte) 0);
    return concat(region.toByteArray(), Arrays.copyOf(next, more));
  }

  /** Without its directory, and with nothing torn. */
  byte[] unclosed() {
    return region.toByteArray();
  }

  private static byte[] deflate(byte[] contents) {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    deflater.setInput(contents);
    deflater.finish();
    byte[] out = new byte[contents.length + 64];
    int n = deflater.deflate(out);
    deflater.end();
    return Arrays.copyOf(out, n);
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] bytes(ByteBuffer filled) {
    byte[] bytes = new byte[filled.flip().remaining()];
    filled.get(bytes);
    return bytes;
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
