package io.sheaf.archive;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.ContentsCheck;
import io.sheaf.zip.DepositId;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EntryHeader;
import io.sheaf.zip.LocalHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A file that is one entry: its local header and its contents, and nothing more.
 *
 * @param record a cursor at a directory record for it, whose offset is 0
 * @param id of its deposit, which no directory has; null without one
 */
record EntryPiece(DirectoryCursor record, @Nullable DepositId id) {
  /** How hard it was deflated, and that its name is UTF-8: all that an entry here may say. */
  private static final int FLAGS = 1 << 1 | 1 << 2 | 1 << 11;

  /**
   * Reads one.
   *
   * @param archive that it was for, whose name stands before its own if it is from a batch of
   *     several
   * @throws BadZipException when it is not whole, or the gate refuses it
   */
  static EntryPiece read(DiskFile file, String archive, EntryGate gate) throws IOException {
    LocalHeader local = new LocalHeader();
    ByteBuffer header = ByteBuffer.allocate((int) Math.min(LocalHeader.LONGEST, file.size()));
    file.readFully(header, 0);
    if (local.read(header.flip(), 0) != LocalHeader.Found.HEADER || !local.zip64Complete()) {
      throw new BadZipException("it does not begin with a whole local header");
    }
    if (local.compressedSize() < 0 || file.size() - local.length() != local.compressedSize()) {
      throw new BadZipException("it has more or fewer bytes than its header says");
    }
    if ((local.flags() & ~FLAGS) != 0) {
      throw new BadZipException("its flags are 0x" + Integer.toHexString(local.flags()));
    }
    DirectoryCursor entry = record(local, archive);
    String refused = gate.refuses(entry);
    if (refused != null) {
      throw new BadZipException(refused);
    }
    if (!new ContentsCheck()
        .holds(
            file,
            local.length(),
            local.method(),
            local.compressedSize(),
            local.size(),
            local.crc())) {
      throw new BadZipException("its checksum does not hold");
    }
    return new EntryPiece(entry, local.depositId());
  }

  private static DirectoryCursor record(LocalHeader local, String archive) throws BadZipException {
    byte[] prefix = (archive + "/").getBytes(StandardCharsets.UTF_8);
    ByteBuffer whole = local.name();
    if (local.part() != 0
        && whole.remaining() > prefix.length
        && whole.slice(0, prefix.length).equals(ByteBuffer.wrap(prefix))) {
      whole.position(prefix.length);
    }
    byte[] name = new byte[whole.remaining()];
    whole.get(name);
    DirectoryBuilder directory = new DirectoryBuilder(name.length + 128);
    directory.add(
        new EntryHeader(
            name,
            local.method(),
            local.modified() * 1000,
            local.crc(),
            local.compressedSize(),
            local.size(),
            false,
            0,
            local.attributes(),
            null),
        0);
    DirectoryCursor entry = new DirectoryCursor(directory.bytes());
    entry.next();
    return entry;
  }
}
