package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.EntryHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Makes a closed batch of what a worker that died left open. Every entry whose checksum holds is
 * kept; what is torn goes to quarantine. Of a batch of several archives each keeps its part, under
 * the sequence number that its local headers name.
 *
 * <p>The steps, each of which may be the last before a crash: lock and rename the {@code .part};
 * keep the torn bytes; write the batch anew beside it, sync, rename; remove the old file. Doing it
 * again from any of them gives the same batch, of the same worker and sequence number, and the
 * ledger takes such a one once.
 */
public final class Salvager {
  private static final int PIECE = 1 << 20;

  private final Disk disk;
  private final BaseDirectory base;
  private final Quarantine quarantine;
  private final String by;
  private final Clock clock;
  private final AppendSalvager appends;

  /**
   * @param by id of the member that salvages
   */
  public Salvager(Disk disk, BaseDirectory base, String by, Clock clock) {
    this.disk = disk;
    this.base = base;
    this.quarantine = new Quarantine(disk, base);
    this.by = by;
    this.clock = clock;
    this.appends = new AppendSalvager(disk, base, by, clock);
  }

  /**
   * Salvages a batch, or all append logs of the worker whose log it is. Batches of a worker wait
   * until its logs are settled.
   *
   * @param session to which the batch is counted: its own is not known before it is closed
   * @return the closed batch, as a whole, durable under its final name; empty when a process still
   *     holds its lock, when it is gone, or when nothing was in it
   */
  public Optional<PendingBatch> salvage(OpenPart part, String session) throws IOException {
    if (part.archive().equals(AppendLogName.PLACE)) {
      return appends.salvage(part.worker(), session);
    }
    Optional<DiskLock> lock = disk.tryLockExisting(part.path());
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    try (DiskLock held = lock.get()) {
      held.ensureValid();
      // Whoever holds the batch is gone, so there will be no new logs of it.
      if (appends.has(part.worker())) {
        return Optional.empty();
      }
      return salvageLocked(part, session);
    }
  }

  private Optional<PendingBatch> salvageLocked(OpenPart part, String session) throws IOException {
    BatchName name = new BatchName(part.worker(), part.seq());
    Path inbox = base.inbox(part.archive());
    Path target = inbox.resolve(name.file());
    Path taken = inbox.resolve(name.file() + BatchName.SALVAGE);
    Path redo = inbox.resolve(name.file() + BatchName.REDO);
    disk.rename(part.path(), taken);
    // Before the sync: once the batch is gone, nobody would take it away.
    disk.delete(redo);
    disk.syncDirectory(inbox);
    Optional<PendingBatch> salvaged = Optional.empty();
    // A batch under the final name was synced before it got it, and holds all that this one does.
    if (disk.stat(target).isEmpty()) {
      salvaged = rebuild(part, session, taken, redo, target);
    }
    disk.delete(taken);
    return salvaged;
  }

  private Optional<PendingBatch> rebuild(
      OpenPart part, String session, Path taken, Path redo, Path target) throws IOException {
    try (DiskFile file = disk.openForRead(taken)) {
      boolean mixed = part.archive().equals(Manifest.MIXED);
      RegionScan scan = mixed ? RegionScan.ofMixed(file) : RegionScan.of(file);
      keepTorn(part, file, scan);
      if (scan.good().isEmpty()) {
        return Optional.empty();
      }
      long lost = scan.clean() ? 0 : file.size() - scan.end();
      DirectoryBuilder directory = new DirectoryBuilder(4096);
      MixedListing parts = new MixedListing();
      Region region = copyGood(disk, file, redo, scan.good(), directory, mixed ? parts : null);
      long now = clock.millis();
      MixedListing.End end = mixed ? parts.end(directory, region.length(), now) : null;
      int directoryCrc = Crc32c.of((end == null ? directory : end.directory()).bytes());
      Manifest manifest = manifest(part, session, scan, region, lost, end, directoryCrc, now);
      Sealing sealing =
          end == null
              ? new Sealing(disk, redo, manifest, directory)
              : new Sealing(disk, redo, manifest, end, region.crc());
      long size = sealing.end(redo);
      return Optional.of(
          new PendingBatch(PendingBatch.VERSION, base.relative(target), size, manifest));
    }
  }

  private void keepTorn(OpenPart part, DiskFile file, RegionScan scan) throws IOException {
    String name = new BatchName(part.worker(), part.seq()).file();
    for (RegionScan.Span bad : scan.bad()) {
      quarantine.keep(
          part.archive(),
          name + "." + bad.position() + ".entry",
          file,
          bad.position(),
          bad.length(),
          "an entry of a batch whose worker died; its checksum does not hold");
    }
    if (!scan.clean()) {
      quarantine.keep(
          part.archive(),
          name + ".tail",
          file,
          scan.end(),
          file.size() - scan.end(),
          "the end of a batch whose worker died while it wrote, not readable as entries: nothing"
              + " acknowledged if only the process died; after a power failure look into it");
    }
  }

  /** What was copied; the sum is CRC32C. */
  record Region(long length, int crc, long bytes) {}

  /** Copies the entries that hold to a new file, one behind the other. */
  static Region copyGood(
      Disk disk,
      DiskFile from,
      Path redo,
      List<RegionScan.Entry> entries,
      DirectoryBuilder directory,
      @Nullable MixedListing listing)
      throws IOException {
    Map<String, MixedPart> parts = new HashMap<>();
    long at = 0;
    long bytes = 0;
    int crc = 0;
    try (DiskFile out = disk.create(redo)) {
      for (RegionScan.Entry entry : entries) {
        RegionScan.Span span = entry.span();
        int sum = copy(from, out, at, span);
        crc = Crc32c.combine(crc, sum, span.length());
        if (listing != null) {
          listing.add(part(entry.header(), parts), entry.header(), span.length(), sum);
        }
        directory.add(entry.header(), at);
        at += span.length();
        bytes += entry.header().size();
      }
    }
    return new Region(at, crc, bytes);
  }

  private static MixedPart part(EntryHeader header, Map<String, MixedPart> parts) {
    String archive = MixedPart.archiveOf(ByteBuffer.wrap(header.name())).orElseThrow();
    return parts.computeIfAbsent(archive, name -> new MixedPart(name, header.part()));
  }

  private static int copy(DiskFile from, DiskFile to, long at, RegionScan.Span span)
      throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, span.length()));
    for (long done = 0; done < span.length(); done += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), span.length() - done));
      from.readFully(piece, span.position() + done);
      crc.update(piece.flip());
      to.write(piece.rewind(), at + done);
    }
    return (int) crc.getValue();
  }

  private Manifest manifest(
      OpenPart part,
      String session,
      RegionScan scan,
      Region region,
      long lost,
      MixedListing.@Nullable End end,
      int directoryCrc,
      long now) {
    int last = end == null ? 0 : end.last().remaining();
    return new Manifest(
        Manifest.VERSION,
        Manifest.idOf(part.worker(), part.seq(), part.archive()),
        session,
        part.worker(),
        part.seq(),
        part.archive(),
        scan.good().size(),
        region.bytes(),
        region.length() + last,
        end == null ? region.crc() : Crc32c.combine(region.crc(), Crc32c.of(end.last()), last),
        directoryCrc,
        now,
        now,
        new Manifest.Salvaged(by, lost, scan.bad().size()),
        end == null ? null : region.length());
  }
}
