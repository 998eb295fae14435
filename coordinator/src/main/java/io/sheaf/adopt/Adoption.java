package io.sheaf.adopt;

import io.sheaf.archive.AdoptedMemory;
import io.sheaf.batch.Ahead;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.ForeignZip;
import io.sheaf.batch.Incoming;
import io.sheaf.batch.MixedFiles;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.FileState;
import io.sheaf.disk.InDirectory;
import io.sheaf.disk.Publication;
import io.sheaf.tree.Manifest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Takes over the temp zips that rear's workers leave in {@code BASE/inbox}: each lies among the
 * batches of several archives then, and is merged, as they are, by whoever comes. Any number of
 * processes may do that on any nodes; one at a time takes.
 *
 * <p>rear tells an open zip from a closed one by the time in its name: after one and a half times
 * the rotation its writer has another one. So does this. One that has no directory yet must not
 * have been written to for as long, either, and no process of this node may have it open.
 */
public final class Adoption {
  private static final String INBOX = "inbox";
  private static final String ZIP = ".zip";

  private final Disk disk;
  private final BaseDirectory base;
  private final PeerLock peer;
  private final Clock clock;
  private final MixedFiles mixed;
  private final Set<String> seen = new TreeSet<>();

  /**
   * Which zips are taken.
   *
   * @param rotation time after which a writer begins another zip
   * @param flush whether to take all, for no writer is at work any more
   */
  public record Options(Duration rotation, boolean flush) {
    /** Of rear: a writer may be late. */
    private long millis() {
      return rotation.toMillis() * 3 / 2;
    }
  }

  public Adoption(Disk disk, BaseDirectory base, PeerLock peer, Clock clock) {
    this(disk, base, peer, clock, new MixedFiles(disk, base));
  }

  /**
   * As the other, for one who merges then.
   *
   * @param mixed is told what was read of the zips
   */
  public Adoption(Disk disk, BaseDirectory base, PeerLock peer, Clock clock, MixedFiles mixed) {
    this.mixed = mixed;
    this.disk = disk;
    this.base = base;
    this.peer = peer;
    this.clock = clock;
  }

  /**
   * Takes what may be taken; all of it is in the inbox of the base directory, or in quarantine,
   * durably, when this returns. Trouble with one zip is in the report and stops no other.
   */
  public AdoptionReport take(Options options) throws IOException {
    AdoptionReport report = taken(options);
    seen.addAll(KnownZips.in(disk, base.inbox(Manifest.MIXED)).keySet());
    return report;
  }

  private AdoptionReport taken(Options options) throws IOException {
    Path inbox = base.root().resolve(INBOX);
    Tally tally = new Tally();
    if (zips(inbox).isEmpty()) {
      return tally.report();
    }
    Optional<PeerLock.Held> rear = peer.tryLock(inbox);
    if (rear.isEmpty()) {
      tally.waiting.add(inbox + ": a rear-scavenger is at work there");
      return tally.report();
    }
    try (PeerLock.Held held = rear.get()) {
      Optional<DiskLock> lock = AdoptersLock.tryLock(disk, base);
      if (lock.isEmpty()) {
        tally.waiting.add(inbox + ": another process adopts what is there");
        return tally.report();
      }
      try (DiskLock alone = lock.get()) {
        held.ensureValid();
        alone.ensureValid();
        takeAll(inbox, options, tally);
      }
    }
    return tally.report();
  }

  private List<String> zips(Path inbox) throws IOException {
    return disk.list(inbox).stream()
        .filter(name -> name.endsWith(ZIP) && !name.startsWith("."))
        .toList();
  }

  private void takeAll(Path inbox, Options options, Tally tally) throws IOException {
    new Incoming(disk, base).clean();
    Placing placing = new Placing(disk, base, KnownZips.read(disk, base), mixed);
    long latest =
        options.flush() ? Long.MAX_VALUE : Math.floorDiv(clock.millis() - options.millis(), 1000L);
    List<Path> zips = zips(inbox).stream().map(inbox::resolve).toList();
    try (Ahead<Path, Arrival> arrivals =
        new Ahead<>(zips, zip -> Arrival.look(disk, zip, latest))) {
      for (Path zip : zips) {
        try (Arrival arrival = arrivals.next()) {
          take(arrival, options, placing, tally);
        } catch (NoSuchFileException e) {
          // Another one has taken it, or its writer has removed it.
        } catch (IOException e) {
          tally.failed.add(zip + ": " + e.getMessage());
        }
      }
    }
    if (tally.taken + tally.again + tally.aside > 0) {
      placing.sync(inbox);
    }
  }

  private void take(Arrival arrival, Options options, Placing placing, Tally tally)
      throws IOException {
    Path zip = arrival.zip();
    if (!arrival.state().isFile()) {
      tally.waiting.add(zip + ": it is no regular file");
    } else if (arrival.isYoung()) {
      tally.young++;
    } else if (arrival.found().kind() == ForeignZip.Kind.BATCH) {
      new Delivery(disk, base, clock).move(zip, arrival.file());
      tally.taken++;
    } else if (arrival.found().kind() != ForeignZip.Kind.TORN
        || isAtRest(zip, arrival.state(), options, tally)) {
      tally.add(placing.take(arrival));
    }
  }

  private boolean isAtRest(Path zip, FileState state, Options options, Tally tally)
      throws IOException {
    if (!options.flush() && clock.millis() - state.modified() < options.millis()) {
      tally.young++;
      return false;
    }
    if (peer.isOpen(zip)) {
      tally.waiting.add(zip + ": it is not closed, and a process of this node has it open");
      return false;
    }
    return true;
  }

  /**
   * Writes down which of the zips that were taken are merged and gone, so that the ledgers may
   * forget them. It is for later what the ledgers are for now; when another process is at it, it is
   * left to the next time.
   */
  public void settle() throws IOException {
    Optional<DiskLock> lock = AdoptersLock.tryLock(disk, base);
    if (lock.isPresent()) {
      try (DiskLock alone = lock.get()) {
        alone.ensureValid();
        settleAlone();
        AdoptersLock.remove(disk, base);
      }
    }
  }

  private void settleAlone() throws IOException {
    disk.delete(Publication.temporaryOf(base.adopted()));
    AdoptedMemory before = AdoptedMemory.read(disk, base);
    Set<String> gone = new TreeSet<>(before.placed());
    gone.addAll(seen);
    if (gone.isEmpty()) {
      return;
    }
    // What is gone must stay so, for the ledgers forget it after this; and what another node has
    // put there must not be taken for gone, as what is pending would be.
    Path mixed = base.inbox(Manifest.MIXED);
    disk.createDirectories(mixed);
    disk.syncDirectory(mixed);
    disk.revalidate(mixed);
    disk.revalidate(base.quarantine(Manifest.MIXED));
    Set<String> there = pending();
    gone.removeAll(there);
    if (!gone.isEmpty() || !there.equals(Set.copyOf(before.placed()))) {
      before.next(there, gone).write(disk, base);
    }
    InDirectory.removeEmpty(disk, mixed, base.sheaf());
  }

  /** Those in quarantine as a whole too: they may come back. */
  private Set<String> pending() throws IOException {
    Map<String, Path> there = KnownZips.in(disk, base.inbox(Manifest.MIXED));
    Set<String> all = new TreeSet<>(there.keySet());
    all.addAll(KnownZips.in(disk, base.quarantine(Manifest.MIXED)).keySet());
    return all;
  }

  /** What was done so far. */
  private static final class Tally {
    private long taken;
    private long repaired;
    private long again;
    private long aside;
    private long young;
    private final List<String> waiting = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();

    void add(Placing.Outcome outcome) {
      switch (outcome) {
        case TAKEN -> taken++;
        case REPAIRED -> {
          taken++;
          repaired++;
        }
        case AGAIN -> again++;
        case ASIDE -> aside++;
      }
    }

    AdoptionReport report() {
      return new AdoptionReport(taken, repaired, again, aside, young, waiting, failed);
    }
  }
}
