package io.sheaf.scavenge;

import io.sheaf.batch.BatchName;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.OpenPart;
import io.sheaf.batch.Salvager;
import io.sheaf.tree.FailedBatch;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.Role;
import java.io.IOException;
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
 * holds the batch's POSIX lock, so a worker that is only cut off keeps its batches.
 */
final class Orphans {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  private final Coordination in;
  private final Salvager salvager;
  private final Duration grace;
  private final Publishing publishing;
  private final Counters counters;
  private final Map<String, Long> goneSince = new HashMap<>();
  private final Set<String> announced = new HashSet<>();

  Orphans(
      Coordination in,
      Salvager salvager,
      Duration grace,
      Publishing publishing,
      Counters counters) {
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
    long now = in.nanoTime().getAsLong();
    goneSince.keySet().retainAll(orphans.stream().map(OpenPart::worker).toList());
    announced.retainAll(
        orphans.stream().flatMap(p -> Stream.of(p.worker(), p.path().toString())).toList());
    orphans.forEach(p -> goneSince.putIfAbsent(p.worker(), now));
    return orphans.stream()
        .filter(
            p -> {
              boolean due = now - goneSince.getOrDefault(p.worker(), now) >= grace.toNanos();
              return !((skipGrace || due) && salvaged(p));
            })
        .toList();
  }

  private Set<String> registered() {
    return in.tree().sessions().stream()
        .flatMap(session -> in.tree().members(session, Role.WORKER).stream())
        .map(MemberRecord::id)
        .collect(Collectors.toSet());
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
    String name = new BatchName(part.worker(), part.seq()).file() + ".";
    for (FailedBatch note : Notes.beginning(in, part.archive(), name)) {
      in.tree().reportFailed(in.session(), note);
    }
  }
}
