package io.sheaf.batch;

import io.sheaf.tree.Manifest;
import io.sheaf.zip.Crc32c;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The part that one archive has in a batch of several: its own sequence number, in the series that
 * the worker counts for this archive, and what was appended under it so far. It is used with one
 * {@link BatchWriter}, by the thread that has that one.
 */
public final class MixedPart {
  private final String archive;
  private final long seq;
  private final byte[] prefix;
  private int number = -1;
  private long entries;
  private long bytes;
  private long length;
  private int crc;

  public MixedPart(String archive, long seq) {
    this.archive = archive;
    this.seq = seq;
    this.prefix = prefixOf(archive);
  }

  /** What stands before the names of an archive's entries. */
  static byte[] prefixOf(String archive) {
    return (archive + "/").getBytes(StandardCharsets.UTF_8);
  }

  /** The archive that a name in a batch of several begins with; empty when none does. */
  static Optional<String> archiveOf(ByteBuffer name) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(name).toString();
      return Optional.of(Target.parse(text).archive());
    } catch (CharacterCodingException | BadTargetException e) {
      return Optional.empty();
    }
  }

  /** Whether the name of an entry leaves room for the archive's before it. */
  public static boolean fits(String archive, String entry) {
    int most = 3 * (archive.length() + 1 + entry.length());
    return most <= Target.MAX_ENTRY_BYTES
        || prefixOf(archive).length + entry.getBytes(StandardCharsets.UTF_8).length
            <= Target.MAX_ENTRY_BYTES;
  }

  public String archive() {
    return archive;
  }

  public long seq() {
    return seq;
  }

  /** The bytes of a name in the batch: the archive's, a slash, the entry's. */
  byte[] nameOf(String entry) {
    byte[] name = entry.getBytes(StandardCharsets.UTF_8);
    byte[] whole = new byte[prefix.length + name.length];
    System.arraycopy(prefix, 0, whole, 0, prefix.length);
    System.arraycopy(name, 0, whole, prefix.length, name.length);
    return whole;
  }

  /** Entries so far. */
  public long entries() {
    return entries;
  }

  /** The place among the parts of the batch, in the order of their first entries; -1 before. */
  int number() {
    return number;
  }

  void setNumber(int number) {
    this.number = number;
  }

  /** Takes in an entry: its header and data have that length and CRC32C. */
  void add(long contents, long entryLength, int entryCrc) {
    crc = Crc32c.combine(crc, entryCrc, entryLength);
    length += entryLength;
    bytes += contents;
    entries++;
  }

  /** What is listed of it; its records lie at an offset of the directory. */
  PartList.Part listed(long offset, long recordsLength, int recordsCrc) {
    return new PartList.Part(
        archive, seq, entries, bytes, length, crc, offset, recordsLength, recordsCrc);
  }

  @Override
  public String toString() {
    return archive + " " + seq + " in " + Manifest.MIXED;
  }
}
