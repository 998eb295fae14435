package io.sheaf.zip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers of the format; the sections named are those of APPNOTE 6.3.10. */
public final class ZipFormat {
  /** Section 4.4.5. */
  public static final int STORED = 0;

  /** Section 4.4.5. */
  public static final int DEFLATED = 8;

  /** Bits 1 and 2: how hard deflate tried (4.4.4); nothing that a reader must know. */
  public static final int FLAGS_DEFLATE_LEVEL = 3 << 1;

  /** General purpose bit 0: the entry is encrypted (4.4.4). */
  public static final int FLAG_ENCRYPTED = 1;

  /** Bit 3: sizes and checksum follow the contents (4.4.4). */
  public static final int FLAG_DATA_DESCRIPTOR = 1 << 3;

  /** Bit 6: strong encryption (4.4.4). */
  public static final int FLAG_STRONG_ENCRYPTION = 1 << 6;

  /** Bit 11: the name is UTF-8 (4.4.4). */
  public static final int FLAG_UTF8 = 1 << 11;

  /** Bit 13: parts of the local header are masked (4.4.4). */
  public static final int FLAG_MASKED = 1 << 13;

  /** A 32-bit field whose value stands in the zip64 extra field (4.4.1.4). */
  public static final long IN_ZIP64 = 0xFFFFFFFFL;

  /** A 16-bit field whose value stands in the zip64 end record (4.4.1.4). */
  static final int COUNT_IN_ZIP64 = 0xFFFF;

  static final int LOCAL_SIGNATURE = 0x04034b50;
  static final int DIRECTORY_SIGNATURE = 0x02014b50;
  static final int END_SIGNATURE = 0x06054b50;
  static final int ZIP64_END_SIGNATURE = 0x06064b50;
  static final int ZIP64_LOCATOR_SIGNATURE = 0x07064b50;

  /** Fixed part of a local file header (4.3.7). */
  public static final int LOCAL_LENGTH = 30;

  /** Fixed part of a central directory record (4.3.12). */
  public static final int DIRECTORY_LENGTH = 46;

  /** Fixed part of the end record (4.3.16). */
  static final int END_LENGTH = 22;

  /** A zip64 end record without extensible data (4.3.14). */
  static final int ZIP64_END_LENGTH = 56;

  /** The zip64 end locator (4.3.15). */
  static final int ZIP64_LOCATOR_LENGTH = 20;

  /** Header id of the zip64 extended information (4.5.3). */
  static final int EXTRA_ZIP64 = 0x0001;

  /** Header id of Info-ZIP's extended timestamp, {@code extrafld.txt} in Info-ZIP's sources. */
  static final int EXTRA_TIMESTAMP = 0x5455;

  /**
   * Header id of Sheaf's own field, in the local headers of batches that hold several archives; no
   * destination has it. Not among the ids that APPNOTE 4.5.2 and 4.6.1 list; its bytes read "SF".
   *
   * <pre>
   *  0 sequence number of the archive's part of the batch   8
   *  8 CRC32C of these 8 bytes and the name                 4
   * </pre>
   *
   * The checksum is there since the CRC-32 of an entry says nothing about its header, and salvage
   * has the number and the archive's name from nowhere else.
   */
  static final int EXTRA_PART = 0x4653;

  /** Bytes of data in that field. */
  static final int PART_LENGTH = 12;

  /**
   * Header id of Sheaf's field for the {@link DepositId} of an entry, in local headers only: a
   * merge looks at it when the entry's name is taken. Not among the ids of APPNOTE either; "SI".
   *
   * <pre>
   *  0 the id, big-endian               16
   * 16 CRC32C of these 16 bytes          4
   * </pre>
   *
   * An id whose sum does not hold counts as none: the entry is then merged as one without.
   */
  static final int EXTRA_ID = 0x4953;

  /** Bytes of data in that field. */
  static final int ID_LENGTH = 20;

  /**
   * Header id of the field "ASi Unix" (APPNOTE 4.6.1, Info-ZIP's {@code extrafld.txt}), in local
   * headers of entries whose mode is not 0100644: the directory has the mode in its external
   * attributes, and salvage sees local headers only.
   *
   * <pre>
   *  0 CRC-32 of what follows            4
   *  4 mode                              2
   *  6 length of a link's target, 0      4    the target is the contents
   * 10 uid, gid                          4    65534 where they have no room or are unknown
   * </pre>
   */
  public static final int EXTRA_ASI = 0x756e;

  /** Bytes of data in that field. */
  static final int ASI_LENGTH = 14;

  /** What the kernel shows for an owner whose number has no room in 16 bits. */
  static final int ASI_NOBODY = 65534;

  /**
   * Header id of Info-ZIP's owner of any size (4.6.1, "ux"), in both headers of entries whose owner
   * is known.
   *
   * <pre>
   *  0 version, 1                        1
   *  1 4, and the uid                    5
   *  6 4, and the gid                    5
   * </pre>
   */
  static final int EXTRA_OWNER = 0x7875;

  /** Bytes of data in that field. */
  static final int OWNER_LENGTH = 11;

  /** Header id of Info-ZIP's Unicode path: another name, which some readers use (4.6.9). */
  public static final int EXTRA_UNICODE_PATH = 0x7075;

  /** Version that reads plain entries; deflated ones; zip64 (4.4.3). */
  static final int VERSION_STORED = 10;

  static final int VERSION_DEFLATED = 20;
  public static final int VERSION_ZIP64 = 45;

  /** Version 4.5, made on Unix, so that the upper external attributes are a file mode (4.4.2). */
  static final int MADE_BY = 3 << 8 | VERSION_ZIP64;

  private ZipFormat() {}

  /** A little-endian view, as all numbers of the format are (4.4.1.1). */
  static ByteBuffer littleEndian(ByteBuffer buffer) {
    return buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  static int u16(ByteBuffer buffer, int at) {
    return buffer.getShort(at) & 0xFFFF;
  }

  static long u32(ByteBuffer buffer, int at) {
    return buffer.getInt(at) & 0xFFFFFFFFL;
  }
}
