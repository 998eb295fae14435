package io.sheaf.scavenge;

import io.sheaf.batch.AppendLogName;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.OpenPart;
import io.sheaf.batch.Salvager;
import io.sheaf.disk.DiskLock;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.FailedBatch;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.Role;
import io.sheaf.tree.TreeClaim;
import io.sheaf.worker.MemberLock;
import io.sheaf.worker.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Salvages the open batches of workers that died. A worker counts as dead when it has been
 * registered in no session for the grace period; the salvager then still refuses while any process
 * holds the batch's POSIX lock, so a worker that is only cut off keeps its batches. Where these
 * locks are worth too little, only a coordinator of the same node may say that its process is gone.
 */
final class Orphans {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  private final Coordination in;
  private final Salvager salvager;
  private final Duration grace;
  private final Publishing publishing;
  private final Counters counters;
  private final Locking locking;
  private final Map<String, Long> goneSince = new HashMap<>();
  private final Set<String> announced = new HashSet<>();

  Orphans(
      Coordination in,
      Salvager salvager,
      Duration grace,
      Publishing publishing,
      Counters counters,
      Locking locking) {
    this.locking = locking;
    this.in = in;
    this.salvager = salvager;
    this.grace = grace;
    this.publishing = publishing;
    this.counters = counters;
  }

  /**
   * Salvages what may be salvaged now.
   *
   * @param skipGrace whether a worker counts as dead as soon as it is not registered
   * @return the open batches of workers that are not registered and that remain: within their grace
   *     period, or under a lock
   */
  List<OpenPart> salvage(boolean skipGrace) throws IOException {
    List<OpenPart> parts = new Inbox(in.disk(), in.base()).parts();
    Set<String> alive = parts.isEmpty() ? Set.of() : registered();
    List<OpenPart> orphans = parts.stream().filter(p -> !alive.contains(p.worker())).toList();
    boolean broken = !orphans.isEmpty() && locking.isBroken();
    long now = in.nanoTime().getAsLong();
    goneSince.keySet().retainAll(orphans.stream().map(OpenPart::worker).toList());
    announced.retainAll(
        orphans.stream().flatMap(p -> Stream.of(p.worker(), p.path().toString())).toList());
    orphans.forEach(p -> goneSince.putIfAbsent(p.worker(), now));
    return orphans.stream()
        .filter(
            p -> {
              boolean due = now - goneSince.getOrDefault(p.worker(), now) >= grace.toNanos();
              return !((skipGrace || due) && (broken ? salvagedHere(p) : salvaged(p)));
            })
        .toList();
  }

  private Set<String> registered() {
    return in.tree().sessions().stream()
        .flatMap(
            session ->
                Stream.of(Role.WORKER, Role.COORDINATOR)
                    .flatMap(role -> in.tree().members(session, role).stream()))
        .map(MemberRecord::id)
        .collect(Collectors.toSet());
  }

  /** Under a claim, for several coordinators of this node may do it. */
  private boolean salvagedHere(OpenPart part) {
    try {
      boolean gone =
          MemberLock.process(in.disk(), in.base(), part.worker())
              .flatMap(ProcessIdentity::isGone)
              .orElse(false);
      if (!gone) {
        if (announced.add(part.worker())) {
          LOG.warn(
              "{} is not registered, and POSIX locks do not tell whether it runs: a coordinator on"
                  + " its node will, or use 'sheaf recover --salvage' when no member runs",
              part.worker());
        }
        return false;
      }
      Optional<TreeClaim> claim =
          in.tree().tryClaim(in.base().id(), ArchiveKey.of(part.archive()), in.id());
      if (claim.isEmpty()) {
        return false;
      }
      try (TreeClaim held = claim.get()) {
        held.ensureValidNow();
        return salvaged(part);
      }
    } catch (IOException e) {
      LOG.warn("{}: not salvaged, will be tried again: {}", part.path(), e.getMessage());
      return false;
    }
  }

  /**
   * Salvages what a coordinator that does not lead has to: where POSIX locks are worth too little,
   * what workers of its own node left.
   */
  void assist() throws IOException {
    if (locking.isBroken()) {
      List<OpenPart> unused = salvage(false);
    }
  }

  /** Removes the files of members that are gone, once nothing of theirs is left to salvage. */
  void forgetMembers() throws IOException {
    Path directory = in.base().members();
    List<String> ids = in.disk().list(directory);
    if (ids.isEmpty() || locking.isBroken()) {
      return;
    }
    Set<String> alive = registered();
    for (String id : ids) {
      Optional<DiskLock> lock =
          alive.contains(id) ? Optional.empty() : in.disk().tryLockExisting(directory.resolve(id));
      if (lock.isPresent()) {
        try (DiskLock held = lock.get()) {
          held.ensureValid();
          in.disk().delete(directory.resolve(id));
        }
      }
    }
  }

  private boolean salvaged(OpenPart part) {
    try {
      Optional<PendingBatch> batch = salvager.salvage(part, in.session());
      if (batch.isPresent()) {
        counters.salvaged();
        LOG.warn(
            "{}: {} entries salvaged from a batch of {}, which is gone",
            part.archive(),
            batch.get().manifest().entries(),
            part.worker());
        publishing.publish(batch.get());
        tellTorn(part);
        return true;
      }
      boolean gone = in.disk().stat(part.path()).isEmpty();
      if (gone) {
        tellTorn(part);
      }
      if (!gone && announced.add(part.worker())) {
        LOG.info(
            "{} is not registered but holds its open batches: it keeps them while it runs",
            part.worker());
      }
      return gone;
    } catch (IOException e) {
      if (announced.add(part.path().toString())) {
        LOG.warn("{}: not salvaged, will be tried again: {}", part.path(), e.getMessage());
      }
      return false;
    }
  }

  private void tellTorn(OpenPart part) throws IOException {
    // All logs of a worker are salvaged together.
    String name =
        part.archive().equals(AppendLogName.PLACE)
            ? part.worker() + "-"
            : new BatchName(part.worker(), part.seq()).file() + ".";
    for (FailedBatch note : Notes.beginning(in, part.archive(), name)) {
      in.tree().reportFailed(in.session(), note);
    }
  }
}
