package io.sheaf.archive;

import io.sheaf.batch.BatchFile;
import io.sheaf.batch.Quarantine;
import io.sheaf.batch.Target;
import io.sheaf.conf.Duplicates;
import io.sheaf.disk.DiskFile;
import io.sheaf.zip.ContentsCheck;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DepositId;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EntryHeader;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.NameIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes in a batch entry by entry: bad ones go to quarantine, names that are there to the policy.
 */
final class EntryMerge {
  private static final List<Coverage.Span> NO_HOLES = List.of();

  private static final String OTHER = "with other contents";

  private final String archive;
  private final BatchFile batch;
  private final byte[] prefix;
  private final DiskFile file;
  private final Duplicates duplicates;
  private final EntryGate gate;
  private final Staging staging;
  private final MergedDirectory directory;
  private final Quarantine quarantine;
  private final Merge.Tally tally;

  /** What earlier volumes of the archive have of the same deposits, by the place of the record. */
  private final Map<Integer, EarlierVolumes.Found> earlier;

  private final LocalHeader local = new LocalHeader();
  private final ContentsCheck contents = new ContentsCheck();
  private final Coverage covered = new Coverage();
  private final Coverage taken = new Coverage();

  /** Whether the local header of the entry is as the directory says, and so its length. */
  private boolean measured;

  EntryMerge(
      String archive,
      BatchFile batch,
      DiskFile file,
      Duplicates duplicates,
      EntryGate gate,
      Staging staging,
      MergedDirectory directory,
      Quarantine quarantine,
      Merge.Tally tally,
      Map<Integer, EarlierVolumes.Found> earlier) {
    this.archive = archive;
    this.batch = batch;
    this.prefix = batch.prefix();
    this.file = file;
    this.duplicates = duplicates;
    this.gate = gate;
    this.staging = staging;
    this.directory = directory;
    this.quarantine = quarantine;
    this.tally = tally;
    this.earlier = earlier;
  }

  void run() throws IOException {
    // Where the region's sum holds, its bytes are those that the worker wrote.
    boolean trusted = batch.isPart() ? partHolds() : regionHolds();
    DirectoryCursor entry = new DirectoryCursor(batch.directory());
    while (entry.next()) {
      String reason = refuses(entry, trusted);
      if (reason == null) {
        taken.add(entry.offset(), length(entry));
        covered.add(entry.offset(), length(entry));
        take(entry);
      } else {
        setAside(entry, reason);
      }
    }
    // In a batch of several archives that is asked of the whole, when it is deleted.
    for (Coverage.Span hole : batch.isPart() ? NO_HOLES : covered.holes(batch.end())) {
      keep(hole, hole.position() + ".bytes", "bytes of a batch that its directory does not list");
    }
  }

  private boolean regionHolds() throws IOException {
    return ArchiveFile.crc(file, 0, batch.manifest().region()) == batch.manifest().crc32c();
  }

  /** The sum of a part is that of its entries, one after the other. */
  private boolean partHolds() throws IOException {
    if (!batch.isSummed()) {
      return false;
    }
    DirectoryCursor entry = new DirectoryCursor(batch.directory());
    long sum = 0;
    int crc = 0;
    while (entry.next()) {
      LocalHeader.Found found = readLocal(entry.offset());
      long left = batch.end() - entry.offset();
      if (found != LocalHeader.Found.HEADER
          || entry.compressedSize() < 0
          || entry.compressedSize() > left - local.length()) {
        return false;
      }
      crc =
          Crc32c.combine(crc, ArchiveFile.crc(file, entry.offset(), length(entry)), length(entry));
      sum += length(entry);
    }
    return sum == batch.manifest().region() && crc == batch.manifest().crc32c();
  }

  private @Nullable String refuses(DirectoryCursor entry, boolean trusted) throws IOException {
    long region = batch.end();
    String reason = gate.refuses(entry);
    String disagrees = EntryGate.refusesLocal(readLocal(entry.offset()), local, entry, prefix);
    measured =
        disagrees == null
            && entry.compressedSize() >= 0
            && entry.compressedSize() <= region - entry.offset() - local.length();
    if (reason == null) {
      reason = disagrees;
    }
    if (reason == null && !measured) {
      reason = "it reaches beyond the end of the batch";
    }
    if (reason == null && taken.meets(entry.offset(), length(entry))) {
      reason = "it overlaps another entry";
    }
    if (reason == null && !trusted && !contentsHold(entry)) {
      reason = "its checksum does not hold";
    }
    return reason;
  }

  private LocalHeader.Found readLocal(long offset) throws IOException {
    long left = batch.end() - offset;
    if (offset < 0 || left < 0) {
      return LocalHeader.Found.NONE;
    }
    ByteBuffer header = ByteBuffer.allocate((int) Math.min(LocalHeader.LONGEST, left));
    file.readFully(header, offset);
    return local.read(header.flip(), 0);
  }

  private long length(DirectoryCursor entry) {
    return local.length() + entry.compressedSize();
  }

  private boolean contentsHold(DirectoryCursor entry) throws IOException {
    return contents.holds(
        file,
        entry.offset() + local.length(),
        entry.method(),
        entry.compressedSize(),
        entry.size(),
        entry.crc());
  }

  private void setAside(DirectoryCursor entry, String reason) throws IOException {
    long region = batch.end();
    long offset = Math.max(0, Math.min(entry.offset(), region));
    long contentsLength = Math.max(0, Math.min(entry.compressedSize(), region));
    long length =
        measured ? length(entry) : Math.min(region - offset, LocalHeader.LONGEST + contentsLength);
    keep(
        new Coverage.Span(offset, length),
        entry.at() + ".entry",
        "entry " + PrintableName.of(entry) + ": " + reason);
  }

  /** Keeps bytes of the batch in quarantine. */
  private void keep(Coverage.Span span, String ending, String reason) throws IOException {
    covered.add(span.position(), span.length());
    String name = batch.path().getFileName() + "." + ending;
    tally.quarantined.add(
        quarantine.keep(archive, name, file, span.position(), span.length(), reason));
  }

  private void take(DirectoryCursor entry) throws IOException {
    EarlierVolumes.Found before = earlier.get(entry.at());
    if (before == EarlierVolumes.Found.SAME) {
      tally.collapsed++;
    } else if (before != null && duplicates != Duplicates.ALL) {
      setAside(entry, "an earlier volume has an entry of this name and deposit id, " + OTHER);
    } else {
      takeHere(entry);
    }
  }

  private void takeHere(DirectoryCursor entry) throws IOException {
    long same = directory.find(entry.nameArray(), entry.nameFrom(), entry.nameTo());
    if (same == NameIndex.NONE) {
      directory.index(entry.nameArray(), entry.nameFrom(), entry.nameTo());
      copy(entry);
      tally.entries++;
      return;
    }
    if (entry.nameArray()[entry.nameTo() - 1] == '/') {
      takeDirectory(entry, same);
    } else if (duplicates != Duplicates.ALL && isSameDeposit(directory.at(same))) {
      takeAgain(entry, same);
    } else {
      takeDuplicate(entry, same);
    }
  }

  private void takeDuplicate(DirectoryCursor entry, long same) throws IOException {
    switch (duplicates) {
      case ALL -> takeSecond(entry, same);
      case FIRST -> tally.collapsed++;
      case LAST -> takeLast(entry, same);
      case ERROR -> setAside(entry, "the name is in the archive already, and duplicates=error");
    }
  }

  /** Many deposit the same directory, and none of them has another in mind. */
  private void takeDirectory(DirectoryCursor entry, long same) throws IOException {
    DirectoryCursor there = directory.at(same);
    boolean equal =
        there.attributes().equals(entry.attributes()) && there.modified() == entry.modified();
    if (duplicates == Duplicates.LAST && !equal) {
      takeItsPlace(entry, same);
    }
    tally.collapsed++;
  }

  /** Whether the entry that was just read and one in the archive came with the same id. */
  private boolean isSameDeposit(DirectoryCursor there) throws IOException {
    DepositId id = local.depositId();
    DiskFile data = staging.data();
    return id != null && data != null && id.equals(DepositIds.of(data, there, 0));
  }

  /** One deposit that was sent again, whatever the policy is. */
  private void takeAgain(DirectoryCursor entry, long same) throws IOException {
    if (sameContents(entry, directory.at(same))) {
      tally.collapsed++;
    } else {
      setAside(entry, "the archive has an entry of this name and deposit id, " + OTHER);
    }
  }

  private void takeSecond(DirectoryCursor entry, long same) throws IOException {
    String name = StandardCharsets.UTF_8.decode(entry.name()).toString();
    long record = same;
    for (int n = 2; record != NameIndex.NONE; n++) {
      if (sameContents(entry, directory.at(record))) {
        tally.collapsed++;
        return;
      }
      byte[] numbered = NumberedName.of(name, n).getBytes(StandardCharsets.UTF_8);
      record = directory.find(numbered, 0, numbered.length);
      if (record == NameIndex.NONE) {
        copyAs(entry, numbered);
      }
    }
  }

  /** The entry takes the place of the one that is there, whose bytes stay, unlisted. */
  private void takeLast(DirectoryCursor entry, long same) throws IOException {
    tally.collapsed++;
    if (!sameContents(entry, directory.at(same))) {
      takeItsPlace(entry, same);
    }
  }

  private void takeItsPlace(DirectoryCursor entry, long same) throws IOException {
    directory.remove(same);
    directory.reindex(entry.nameArray(), entry.nameFrom(), entry.nameTo());
    copy(entry);
  }

  private boolean sameContents(DirectoryCursor entry, DirectoryCursor there) throws IOException {
    DiskFile data = staging.data();
    return data != null && SameContents.are(file, entry, data, there);
  }

  private void copy(DirectoryCursor entry) throws IOException {
    long at = staging.length();
    if (batch.isPart()) {
      ByteBuffer header = ByteBuffer.allocate(local.length());
      local.encodeWithoutPrefix(prefix.length, header);
      staging.append(header.flip());
      staging.append(file, entry.offset() + local.length(), entry.compressedSize());
    } else {
      staging.append(file, entry.offset(), length(entry));
    }
    directory.addMoved(entry, at);
    tally.bytes += entry.size();
  }

  private void copyAs(DirectoryCursor entry, byte[] name) throws IOException {
    if (name.length > Target.MAX_ENTRY_BYTES) {
      setAside(entry, "the name is in the archive already, and has no room for a number");
      return;
    }
    EntryHeader header =
        new EntryHeader(
            name,
            entry.method(),
            entry.modified() * 1000,
            entry.crc(),
            entry.compressedSize(),
            entry.size(),
            false,
            0,
            entry.attributes(),
            local.depositId());
    ByteBuffer bytes = ByteBuffer.allocate(header.localLength());
    header.encodeLocal(bytes);
    long at = staging.length();
    staging.append(bytes.flip());
    staging.append(file, entry.offset() + local.length(), entry.compressedSize());
    directory.index(name, 0, name.length);
    directory.add(header, at);
    tally.renamed++;
    tally.entries++;
    tally.bytes += entry.size();
  }
}
