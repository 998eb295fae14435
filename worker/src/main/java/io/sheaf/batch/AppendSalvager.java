package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.Publication;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.DepositId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes entries of what a worker that died left in its append logs. A segment that has not ended
 * may be an entry already, in a batch that the worker left open, which is known by its id: so the
 * logs are settled before any open batch of the worker is.
 *
 * <p>The steps, each of which may be the last before a crash: lock all logs; look into the open
 * batches; make those durable that have an entry of a segment; keep torn bytes; write the batch of
 * all other segments, sync, rename; write the note that the logs are done with, durably; delete the
 * logs, then the note. Up to the note doing it again gives the same batch, of the same name and
 * number, which the ledgers take once; after it nothing of the logs counts any more, whichever of
 * them a crash leaves.
 */
final class AppendSalvager {
  private final Disk disk;
  private final BaseDirectory base;
  private final Quarantine quarantine;
  private final String by;
  private final Clock clock;

  AppendSalvager(Disk disk, BaseDirectory base, String by, Clock clock) {
    this.disk = disk;
    this.base = base;
    this.quarantine = new Quarantine(disk, base);
    this.by = by;
    this.clock = clock;
  }

  private Path place() {
    return base.inbox(AppendLogName.PLACE);
  }

  private Path path(String worker, long number) {
    return place().resolve(new AppendLogName(worker, number).file());
  }

  /** Whether a worker has left logs that are not settled: then its open batches must wait. */
  boolean has(String worker) throws IOException {
    return !logs(worker).isEmpty();
  }

  private SortedSet<Long> logs(String worker) throws IOException {
    SortedSet<Long> numbers = new TreeSet<>();
    disk.revalidate(place());
    for (String file : disk.list(place())) {
      AppendLogName.parse(file)
          .filter(name -> name.worker().equals(worker))
          .ifPresent(name -> numbers.add(name.number()));
    }
    return numbers;
  }

  /**
   * Salvages all logs of a worker.
   *
   * @return the batch of what was in them, durable under its final name; empty when a process still
   *     holds one of them, when they are gone, or when nothing was in them that is nowhere else
   */
  Optional<PendingBatch> salvage(String worker, String session) throws IOException {
    SortedSet<Long> numbers = logs(worker);
    try (Locks locks = new Locks()) {
      for (long number : numbers) {
        if (number != AppendLogName.DONE && !locks.take(path(worker, number))) {
          return Optional.empty();
        }
      }
      // Who had the locks before may have gone on meanwhile.
      if (numbers.isEmpty() || !numbers.equals(logs(worker))) {
        return Optional.empty();
      }
      // While a log is there somebody comes and takes away what a crash leaves of this.
      disk.syncDirectory(place());
      Optional<PendingBatch> salvaged = Optional.empty();
      if (numbers.first() != AppendLogName.DONE) {
        salvaged = settle(worker, numbers, session);
        locks.ensureValid();
        note(worker);
      }
      delete(worker, numbers);
      return salvaged;
    }
  }

  private void note(String worker) throws IOException {
    byte[] text = (by + "\n").getBytes(StandardCharsets.UTF_8);
    Publication.replaceLocked(disk, path(worker, AppendLogName.DONE), text);
  }

  private void delete(String worker, Set<Long> numbers) throws IOException {
    // Who wrote the note may have died before it was durable.
    disk.syncDirectory(place());
    for (long number : numbers) {
      if (number != AppendLogName.DONE) {
        disk.delete(path(worker, number));
      }
    }
    disk.syncDirectory(place());
    disk.delete(path(worker, AppendLogName.DONE));
  }

  private Optional<PendingBatch> settle(String worker, Set<Long> numbers, String session)
      throws IOException {
    try (OpenLogs logs = new OpenLogs(worker)) {
      for (long number : numbers) {
        logs.open(number);
      }
      AppendScan scan = AppendScan.of(logs.files);
      keepTorn(worker, logs, scan);
      List<AppendScan.Unended> left = withoutThoseIn(worker, scan.unended());
      return left.isEmpty() ? Optional.empty() : write(worker, left, logs, session);
    }
  }

  private void keepTorn(String worker, OpenLogs logs, AppendScan scan) throws IOException {
    for (AppendScan.Torn torn : scan.torn()) {
      quarantine.keep(
          AppendLogName.PLACE,
          new AppendLogName(worker, torn.log()).file() + ".tail",
          logs.file(torn.log()),
          torn.from(),
          torn.length(),
          "the end of an append log whose worker died while it wrote: nothing that was told to be"
              + " safe if only the process died; after a power failure look into it");
    }
    for (long log : scan.adrift()) {
      quarantine.link(
          AppendLogName.PLACE,
          new AppendLogName(worker, log).file(),
          path(worker, log),
          "an append log in which something is missing, so that what comes after it is no part of"
              + " an entry: nothing that was told to be durable; all that comes before is salvaged");
    }
  }

  /** Leaves out the segments whose entry is in an open batch, which is durable then. */
  private List<AppendScan.Unended> withoutThoseIn(String worker, List<AppendScan.Unended> unended)
      throws IOException {
    if (unended.isEmpty()) {
      return unended;
    }
    Set<DepositId> ids = new HashSet<>();
    unended.forEach(each -> ids.add(each.contents().key().id(worker)));
    Set<DepositId> there = new HashSet<>();
    for (OpenPart part : new Inbox(disk, base).parts()) {
      if (part.worker().equals(worker) && !part.archive().equals(AppendLogName.PLACE)) {
        look(part, ids, there);
      }
    }
    return unended.stream()
        .filter(each -> !there.contains(each.contents().key().id(worker)))
        .toList();
  }

  private void look(OpenPart part, Set<DepositId> wanted, Set<DepositId> there) throws IOException {
    int before = there.size();
    try (DiskFile file = disk.openForWrite(part.path())) {
      boolean mixed = part.archive().equals(Manifest.MIXED);
      RegionScan scan = mixed ? RegionScan.ofMixed(file) : RegionScan.of(file);
      for (RegionScan.Entry entry : scan.good()) {
        DepositId id = entry.header().id();
        if (id != null && wanted.contains(id)) {
          there.add(id);
        }
      }
      if (there.size() > before) {
        file.sync();
      }
    } catch (NoSuchFileException e) {
      return;
    }
    if (there.size() > before) {
      disk.syncDirectory(base.inbox(part.archive()));
    }
  }

  private Optional<PendingBatch> write(
      String worker, List<AppendScan.Unended> segments, OpenLogs logs, String session)
      throws IOException {
    List<AppendScan.Unended> shared = new ArrayList<>();
    TreeMap<String, List<AppendScan.Unended>> alone = new TreeMap<>();
    for (AppendScan.Unended each : segments) {
      if (MixedPart.fits(each.head().archive(), each.head().entry())) {
        shared.add(each);
      } else {
        alone.computeIfAbsent(each.head().archive(), a -> new ArrayList<>()).add(each);
      }
    }
    SalvagedSegments writer = new SalvagedSegments(disk, base, worker, session, by, clock, logs);
    for (var archive : alone.entrySet()) {
      writer.write(archive.getKey(), archive.getValue());
    }
    return shared.isEmpty() ? Optional.empty() : writer.write(Manifest.MIXED, shared);
  }

  /** The logs of a worker. */
  private final class OpenLogs implements SegmentContents.Logs, AutoCloseable {
    private final String worker;
    private final SortedMap<Long, DiskFile> files = new TreeMap<>();

    OpenLogs(String worker) {
      this.worker = worker;
    }

    /** What is seen of it is durable then: all that follows from it must follow again. */
    void open(long number) throws IOException {
      DiskFile file = disk.openForWrite(path(worker, number));
      files.put(number, file);
      file.sync();
    }

    @Override
    public DiskFile file(long number) throws IOException {
      @Nullable DiskFile file = files.get(number);
      if (file == null) {
        throw new IOException("append log " + number + " of " + worker + " is gone");
      }
      return file;
    }

    @Override
    public void close() throws IOException {
      for (DiskFile file : files.values()) {
        file.close();
      }
    }
  }

  private final class Locks implements AutoCloseable {
    private final List<DiskLock> held = new ArrayList<>();

    boolean take(Path log) throws IOException {
      Optional<DiskLock> lock = disk.tryLockExisting(log);
      lock.ifPresent(held::add);
      return lock.isPresent();
    }

    void ensureValid() throws IOException {
      for (DiskLock lock : held) {
        lock.ensureValid();
      }
    }

    @Override
    public void close() throws IOException {
      for (DiskLock lock : held) {
        lock.close();
      }
    }
  }
}
