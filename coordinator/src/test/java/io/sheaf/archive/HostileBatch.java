package io.sheaf.archive;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.EndRecord;
import io.sheaf.zip.EntryHeader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Writes a batch byte by byte, as no worker of Sheaf would: every field of every record can be set.
 * The manifest's numbers fit what was written, unless a test sets others.
 */
final class HostileBatch {
  static final int LOCAL = 0x04034b50;
  static final int DIRECTORY = 0x02014b50;
  static final int END = 0x06054b50;
  static final int ZIP64_END = 0x06064b50;
  static final int ZIP64_LOCATOR = 0x07064b50;

  private final List<Entry> entries = new ArrayList<>();
  private final String worker;
  private final long seq;

  /** Of the batch; the region's sum when null. */
  @Nullable Integer crc32c;

  String session = "s";
  String archive = Merging.ARCHIVE;

  /** Entries that the manifest and the end record say; those that there are when null. */
  @Nullable Long count;

  /** What is written between the last entry and the directory. */
  byte[] beforeDirectory = {};

  /** What follows the manifest in the archive comment, and what comes before it. */
  byte[] afterManifest = {};

  /** Order in which the directory lists the entries; as they lie when null. */
  int @Nullable [] order;

  HostileBatch(String worker, long seq) {
    this.worker = worker;
    this.seq = seq;
  }

  /** The fields that stand in the local header and again in the directory. */
  static final class Header {
    int version = 10;
    int flags;
    int method;
    int time = 0x21 << 16;
    long crc;
    long compressedSize;
    long size;
    byte[] name = {};
    byte[] extra = {};
  }

  /** An entry, whose every field a test may change. */
  static final class Entry {
    final Header local = new Header();
    final Header directory = new Header();
    byte[] body = {};
    byte[] comment = {};
    int madeBy = 3 << 8 | 45;
    int disk;
    int mode = 0100644;

    /** Where the directory says that it lies; where it does when null. */
    @Nullable Long offset;

    /** Whether the directory has it, and whether the region does. */
    boolean listed = true;

    boolean written = true;
    long liesAt;

    void both(Consumer<Header> change) {
      change.accept(local);
      change.accept(directory);
    }
  }

  HostileBatch entry(String name, String contents) {
    return entry(name, contents, entry -> {});
  }

  HostileBatch entry(String name, String contents, Consumer<Entry> change) {
    return entry(Merging.bytes(name), Merging.bytes(contents), change);
  }

  HostileBatch entry(byte[] name, byte[] contents, Consumer<Entry> change) {
    Entry entry = new Entry();
    CRC32 crc = new CRC32();
    crc.update(contents);
    entry.body = contents;
    entry.both(
        header -> {
          header.name = name;
          header.crc = crc.getValue();
          header.size = contents.length;
          header.compressedSize = contents.length;
        });
    change.accept(entry);
    entries.add(entry);
    return this;
  }

  /** Bytes of the last entry in the region. */
  int lastLength() {
    Entry last = entries.get(entries.size() - 1);
    return 30 + last.local.name.length + last.local.extra.length + last.body.length;
  }

  /** Makes an entry a deflated one. */
  static void deflate(Entry entry) {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(entry.body);
    deflater.finish();
    byte[] out = new byte[entry.body.length + 64];
    int n = deflater.deflate(out);
    deflater.end();
    entry.body = Arrays.copyOf(out, n);
    entry.both(
        header -> {
          header.method = 8;
          header.version = 20;
          header.compressedSize = n;
        });
  }

  /** An extra field. */
  static byte[] extra(int id, byte... data) {
    return array(
        little(4 + data.length).putShort((short) id).putShort((short) data.length).put(data));
  }

  static byte[] longs(long... values) {
    ByteBuffer b = little(8 * values.length);
    for (long value : values) {
      b.putLong(value);
    }
    return array(b);
  }

  /** All bytes of a buffer that was allocated here. */
  static byte[] array(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.duplicate().clear().get(bytes);
    return bytes;
  }

  static ByteBuffer little(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The bytes of the batch. */
  byte[] bytes() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Entry entry : entries) {
      entry.liesAt = out.size();
      if (entry.written) {
        writeLocal(out, entry);
      }
    }
    out.write(beforeDirectory);
    byte[] region = out.toByteArray();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(order == null ? i : order[i]);
      if (entry.listed) {
        writeRecord(out, entry);
      }
    }
    byte[] all = out.toByteArray();
    int directory = all.length - region.length;
    ByteBuffer records = ByteBuffer.wrap(all, region.length, directory);
    long listed = entries.stream().filter(e -> e.listed).count();
    Sums sums =
        new Sums(
            region.length,
            crc32c == null ? Crc32c.of(ByteBuffer.wrap(region)) : crc32c,
            Crc32c.of(records));
    ByteArrayOutputStream comment = new ByteArrayOutputStream();
    comment.write(manifest(count == null ? listed : count, sums));
    comment.write(afterManifest);
    ByteBuffer end = little(22);
    end.putInt(END).putInt(0);
    short counted = (short) (count == null ? listed : count.longValue());
    end.putShort(counted).putShort(counted).putInt(directory).putInt(region.length);
    end.putShort((short) comment.size());
    out.write(array(end));
    comment.writeTo(out);
    return out.toByteArray();
  }

  /** Of region and directory. */
  private record Sums(long length, int region, int directory) {}

  private byte[] manifest(long listed, Sums sums) throws IOException {
    Manifest manifest =
        new Manifest(
            Manifest.VERSION,
            Manifest.idOf(worker, seq, archive),
            session,
            worker,
            seq,
            archive,
            listed,
            entries.stream().mapToLong(e -> Math.max(0, e.directory.size)).sum(),
            sums.length,
            sums.region,
            sums.directory,
            Merging.NOW,
            Merging.NOW + seq,
            null,
            null);
    return new ObjectMapper().writeValueAsBytes(manifest);
  }

  /**
   * Writes a batch of one stored entry whose contents are a hole of the file, so that it takes no
   * room.
   *
   * @param crc of so many zeros
   */
  void writeHole(RandomAccessFile out, String name, long size, long crc) throws IOException {
    byte[] header = holeHeader(name, size, crc);
    CRC32C sum = new CRC32C();
    sum.update(header);
    byte[] zeros = new byte[1 << 20];
    for (long left = size; left > 0; left -= zeros.length) {
      sum.update(zeros, 0, (int) Math.min(zeros.length, left));
    }
    EntryHeader entry = holeEntry(name, size, crc);
    ByteBuffer record = ByteBuffer.allocate(entry.directoryLength(0));
    entry.encodeDirectory(record, 0);
    long region = header.length + size;
    entry(name, "", e -> e.directory.size = size);
    byte[] comment =
        manifest(1, new Sums(region, (int) sum.getValue(), Crc32c.of(record.duplicate().flip())));
    writeHoleZip(out, name, size, crc, comment);
  }

  /** A zip of one stored entry that is a hole of the file, with an archive comment. */
  static void writeHoleZip(RandomAccessFile out, String name, long size, long crc, byte[] comment)
      throws IOException {
    byte[] header = holeHeader(name, size, crc);
    EntryHeader entry = holeEntry(name, size, crc);
    ByteBuffer record = ByteBuffer.allocate(entry.directoryLength(0));
    entry.encodeDirectory(record, 0);
    long region = header.length + size;
    out.write(header);
    out.seek(region);
    out.write(array(record));
    out.write(array(EndRecord.of(1, region, record.capacity(), comment).encode()));
  }

  private static byte[] holeHeader(String name, long size, long crc) {
    EntryHeader entry = holeEntry(name, size, crc);
    ByteBuffer header = ByteBuffer.allocate(entry.localLength());
    entry.encodeLocal(header);
    return array(header);
  }

  private static EntryHeader holeEntry(String name, long size, long crc) {
    return new EntryHeader(
        Merging.bytes(name), 0, Merging.NOW, (int) crc, size, size, size >= 0xFFFFFFFFL);
  }

  private static void writeLocal(ByteArrayOutputStream out, Entry entry) throws IOException {
    Header h = entry.local;
    ByteBuffer b = little(30);
    b.putInt(LOCAL);
    putCommon(b, h);
    b.putShort((short) h.name.length).putShort((short) h.extra.length);
    out.write(array(b));
    out.write(h.name);
    out.write(h.extra);
    out.write(entry.body);
  }

  private static void writeRecord(ByteArrayOutputStream out, Entry entry) throws IOException {
    Header h = entry.directory;
    ByteBuffer b = little(46);
    b.putInt(DIRECTORY).putShort((short) entry.madeBy);
    putCommon(b, h);
    b.putShort((short) h.name.length).putShort((short) h.extra.length);
    b.putShort((short) entry.comment.length).putShort((short) entry.disk).putShort((short) 0);
    b.putInt(entry.mode << 16);
    b.putInt((int) (entry.offset == null ? entry.liesAt : entry.offset));
    out.write(array(b));
    out.write(h.name);
    out.write(h.extra);
    out.write(entry.comment);
  }

  private static void putCommon(ByteBuffer b, Header h) {
    b.putShort((short) h.version).putShort((short) h.flags).putShort((short) h.method);
    b.putInt(h.time).putInt((int) h.crc);
    b.putInt((int) h.compressedSize).putInt((int) h.size);
  }

  String file() {
    return worker + "-" + seq + ".zip";
  }

  /** Puts the batch into the inbox, under the name that a worker would give it. */
  Path in(Merging at) throws IOException {
    Path file = at.base.inbox(Merging.ARCHIVE).resolve(file());
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes());
  }

  static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
