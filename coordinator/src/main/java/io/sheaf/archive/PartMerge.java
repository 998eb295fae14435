package io.sheaf.archive;

import io.sheaf.batch.BatchFile;
import io.sheaf.disk.DiskFile;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.NameIndex;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Takes one archive's part of a batch of several as a whole, or not at all. Its entries lie
 * anywhere in the batch: each is cut out, its header loses what it had of the batch, its contents
 * stay as they are, and many go out with one write. The sum of what was read is that of the list.
 */
final class PartMerge {
  /** Entries up to about this size are read with one call and gathered. */
  private static final int IN = 256 << 10;

  private static final int OUT = 256 << 10;

  /** More than the extra fields that Sheaf writes. */
  private static final int EXTRA = 128;

  private static final ThreadLocal<ByteBuffer> INPUT =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(IN));

  private static final ThreadLocal<ByteBuffer> OUTPUT =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(OUT));

  private final BatchFile batch;
  private final DiskFile file;
  private final Staging staging;
  private final MergedDirectory directory;
  private final EntryGate gate;
  private final EarlierVolumes volumes;
  private final byte[] prefix;
  private final int[] hashes;
  private final LocalHeader local = new LocalHeader();
  private final ByteBuffer in = INPUT.get();
  private final ByteBuffer out = OUTPUT.get().clear();
  private final EntrySum sum;
  private long length;
  private boolean sawId;

  PartMerge(
      BatchFile batch,
      DiskFile file,
      Staging staging,
      MergedDirectory directory,
      EntryGate gate,
      EarlierVolumes volumes) {
    this.batch = batch;
    this.file = file;
    this.staging = staging;
    this.directory = directory;
    this.gate = gate;
    this.volumes = volumes;
    this.prefix = batch.prefix();
    this.hashes = new int[Math.toIntExact(batch.manifest().entries())];
    this.sum = new EntrySum(batch);
  }

  /**
   * False when an entry is not good, a name is there already, the sum does not hold or an earlier
   * volume has something of it; then nothing was taken.
   */
  boolean run() throws IOException {
    if (!allNewAndGood()) {
      return false;
    }
    Staging.Mark mark = staging.mark();
    Trial trial = new Trial(directory, gate);
    if (takeAll(trial) && !(sawId && !volumes.find(batch, file).isEmpty())) {
      return true;
    }
    trial.undo();
    staging.cutBack(mark);
    return false;
  }

  /** Nothing is written where a name is there already. */
  private boolean allNewAndGood() throws IOException {
    DirectoryCursor entry = new DirectoryCursor(batch.directory());
    int seen = 0;
    while (entry.next()) {
      if (seen == hashes.length || gate.refuses(entry) != null) {
        return false;
      }
      int hash = Trial.hash(entry);
      hashes[seen++] = hash;
      if (directory.find(hash, entry.nameArray(), entry.nameFrom(), entry.nameTo())
          != NameIndex.NONE) {
        return false;
      }
    }
    return seen == hashes.length;
  }

  private boolean takeAll(Trial trial) throws IOException {
    directory.names().reserve(batch.manifest().entries());
    DirectoryCursor entry = new DirectoryCursor(batch.directory());
    for (int i = 0; entry.next(); i++) {
      if (!isWhole(entry)) {
        return false;
      }
      if (out.remaining() < local.length() + in.remaining()) {
        flush();
      }
      if (!trial.add(entry, hashes[i], staging.length() + out.position())) {
        return false;
      }
      take(entry);
      if (!sum.holdsSoFar()) {
        return false;
      }
    }
    flush();
    // How long the headers of a zip of another program are, nobody has said.
    return sum.holds() && (!batch.isSummed() || length == batch.manifest().region());
  }

  /** Reads an entry, or the beginning of a large one. */
  private boolean isWhole(DirectoryCursor entry) throws IOException {
    long left = batch.end() - entry.offset();
    long wanted = (long) ZipFormat.LOCAL_LENGTH + prefix.length + entry.nameLength() + EXTRA;
    LocalHeader.Found found = read(entry.offset(), Math.min(left, wanted + entry.compressedSize()));
    if (found == LocalHeader.Found.PARTIAL) {
      found = read(entry.offset(), Math.min(left, LocalHeader.LONGEST));
    }
    return EntryGate.refusesLocal(found, local, entry, prefix) == null
        && entry.compressedSize() <= left - local.length();
  }

  private LocalHeader.Found read(long position, long bytes) throws IOException {
    if (bytes <= 0) {
      return LocalHeader.Found.NONE;
    }
    file.readFully(in.clear().limit((int) Math.min(IN, bytes)), position);
    return local.read(in.flip(), 0);
  }

  private void take(DirectoryCursor entry) throws IOException {
    sawId |= local.depositId() != null;
    int header = local.length();
    long whole = header + entry.compressedSize();
    local.encodeWithoutPrefix(prefix.length, out);
    if (whole <= in.limit()) {
      in.limit((int) whole);
      sum.add(in, header, entry);
      out.put(in.position(header));
    } else {
      flush();
      sum.addHeader(in.slice(0, header));
      int contents =
          staging.append(
              file,
              entry.offset() + header,
              entry.compressedSize(),
              (piece, position) -> sum.see(piece));
      sum.addContents(contents, entry);
    }
    length += whole;
  }

  private void flush() throws IOException {
    if (out.position() > 0) {
      staging.append(out.flip());
      out.clear();
    }
  }
}
