package io.sheaf.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.sheaf.archive.SessionTotals;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.FailedBatch;
import io.sheaf.tree.LockSupport;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.MemberRecord;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.StatsRecord;
import io.sheaf.tree.Tree;
import io.sheaf.worker.Survivors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a session does at one moment.
 *
 * @param created milliseconds since the epoch
 * @param leader id of the coordinator that leads, null when none does
 * @param locks the worst that any member has found that POSIX locks are worth
 * @param batches published and not merged yet, in all
 * @param bytes of contents in these
 * @param oldest when the first of them was closed, in milliseconds since the epoch; 0 without any
 * @param backlog the same by archive
 * @param merged what the session has merged so far, by the ledgers; null when the base directory
 *     cannot be seen from here
 * @param dead members that died, whose open batches are not all salvaged yet; empty when the base
 *     directory cannot be seen from here
 * @param quarantine what could not be merged
 * @param unmergeable reasons why archives cannot be merged into now, by archive
 * @param paused members that can do nothing now, with the reason
 * @param gaps in the sequence of workers that were passed over, a line each
 * @param quotas under which something was deposited, as the leader has summed it up
 * @param stats counters by member
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SessionStatus(
    String session,
    SessionState state,
    String base,
    long created,
    SortedMap<String, String> parameters,
    List<MemberRecord> workers,
    List<MemberRecord> coordinators,
    @Nullable String leader,
    LockSupport locks,
    long batches,
    long bytes,
    long oldest,
    List<Backlog> backlog,
    @Nullable SessionTotals merged,
    List<String> dead,
    List<FailedBatch> quarantine,
    SortedMap<String, String> unmergeable,
    SortedMap<String, String> paused,
    List<String> gaps,
    List<QuotaStatus> quotas,
    SortedMap<String, SortedMap<String, Long>> stats) {

  /**
   * What waits for one archive.
   *
   * @param oldest when the first of the batches was closed, in milliseconds since the epoch
   */
  public record Backlog(String archive, long batches, long entries, long bytes, long oldest) {}

  /**
   * Reads the status. It is no snapshot: members and batches come and go while it is read.
   *
   * @throws NoSuchSessionException when there is no such session, or no more
   */
  public static SessionStatus read(Disk disk, Tree tree, String name) throws IOException {
    SessionRecord session =
        tree.session(name).orElseThrow(() -> new NoSuchSessionException(name, null));
    List<MemberRecord> workers = tree.members(name, Role.WORKER);
    List<MemberRecord> coordinators = tree.members(name, Role.COORDINATOR);
    List<Backlog> backlog =
        tree.pendingArchives(name).stream()
            .map(archive -> backlog(tree, name, archive))
            // What was pending may be merged by now.
            .filter(pending -> pending.batches() > 0)
            .toList();
    Map<String, StatsRecord> stats = tree.stats(name);
    Optional<BaseDirectory> base = baseOf(disk, session);
    return new SessionStatus(
        name,
        session.state(),
        session.base(),
        session.created(),
        session.parameters(),
        workers,
        coordinators,
        tree.currentLeader(name).orElse(null),
        stats.values().stream()
            .map(StatsRecord::locks)
            .reduce(LockSupport.UNKNOWN, LockSupport::orWorse),
        backlog.stream().mapToLong(Backlog::batches).sum(),
        backlog.stream().mapToLong(Backlog::bytes).sum(),
        backlog.stream().mapToLong(Backlog::oldest).min().orElse(0),
        backlog,
        base.isEmpty()
            ? null
            : SessionTotals.of(disk, base.get(), SessionTotals.key(name, session.created())),
        base.isEmpty() ? List.of() : new Survivors(disk, base.get()).dead(name),
        tree.failed(name),
        unmergeable(stats, coordinators),
        paused(stats, Stream.concat(workers.stream(), coordinators.stream())),
        stats.values().stream().flatMap(record -> record.gaps().stream()).sorted().toList(),
        QuotaStatus.all(tree, session),
        values(stats));
  }

  /** The session's base directory, where its creator saw it. */
  private static Optional<BaseDirectory> baseOf(Disk disk, SessionRecord session)
      throws IOException {
    return BaseDirectory.find(disk, Path.of(session.base()))
        .filter(b -> b.id().equals(session.baseId()));
  }

  private static Backlog backlog(Tree tree, String session, String archive) {
    List<Manifest> waiting =
        tree.pending(session, ArchiveKey.of(archive)).stream().map(PendingBatch::manifest).toList();
    return new Backlog(
        archive,
        waiting.size(),
        waiting.stream().mapToLong(Manifest::entries).sum(),
        waiting.stream().mapToLong(Manifest::bytes).sum(),
        waiting.stream().mapToLong(Manifest::closed).min().orElse(0));
  }

  /** What a coordinator that has left had noted may be mended since. */
  private static SortedMap<String, String> unmergeable(
      Map<String, StatsRecord> stats, List<MemberRecord> coordinators) {
    SortedMap<String, String> notes = new TreeMap<>();
    coordinators.forEach(
        c -> {
          StatsRecord record = stats.get(c.id());
          if (record != null) {
            notes.putAll(record.notes());
            notes.remove(c.id());
          }
        });
    return notes;
  }

  /** What members note of themselves. */
  private static SortedMap<String, String> paused(
      Map<String, StatsRecord> stats, Stream<MemberRecord> members) {
    SortedMap<String, String> paused = new TreeMap<>();
    members.forEach(
        m -> {
          StatsRecord record = stats.get(m.id());
          String note = record == null ? null : record.notes().get(m.id());
          if (note != null) {
            paused.put(m.id(), note);
          }
        });
    return paused;
  }

  private static SortedMap<String, SortedMap<String, Long>> values(Map<String, StatsRecord> stats) {
    SortedMap<String, SortedMap<String, Long>> values = new TreeMap<>();
    stats.forEach((member, record) -> values.put(member, record.values()));
    return values;
  }
}
