package io.sheaf.session;

import com.fasterxml.jackson.annotation.JsonInclude;
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
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a session does at one moment.
 *
 * @param created milliseconds since the epoch
 * @param leader id of the coordinator that leads, null when none does
 * @param locks the worst that any member has found that POSIX locks are worth
 * @param batches published and not merged yet, in all
 * @param bytes of contents in these
 * @param backlog the same by archive
 * @param quarantine what could not be merged
 * @param unmergeable reasons why archives cannot be merged into now, by archive
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
    List<Backlog> backlog,
    List<FailedBatch> quarantine,
    SortedMap<String, String> unmergeable,
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
  public static SessionStatus read(Tree tree, String name) {
    SessionRecord session =
        tree.session(name).orElseThrow(() -> new NoSuchSessionException(name, null));
    List<MemberRecord> coordinators = tree.members(name, Role.COORDINATOR);
    List<Backlog> backlog =
        tree.pendingArchives(name).stream().map(archive -> backlog(tree, name, archive)).toList();
    Map<String, StatsRecord> stats = tree.stats(name);
    return new SessionStatus(
        name,
        session.state(),
        session.base(),
        session.created(),
        session.parameters(),
        tree.members(name, Role.WORKER),
        coordinators,
        tree.currentLeader(name).orElse(null),
        stats.values().stream()
            .map(StatsRecord::locks)
            .reduce(LockSupport.UNKNOWN, LockSupport::orWorse),
        backlog.stream().mapToLong(Backlog::batches).sum(),
        backlog.stream().mapToLong(Backlog::bytes).sum(),
        backlog,
        tree.failed(name),
        unmergeable(stats, coordinators),
        stats.values().stream().flatMap(record -> record.gaps().stream()).sorted().toList(),
        QuotaStatus.all(tree, session),
        values(stats));
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
          }
        });
    return notes;
  }

  private static SortedMap<String, SortedMap<String, Long>> values(Map<String, StatsRecord> stats) {
    SortedMap<String, SortedMap<String, Long>> values = new TreeMap<>();
    stats.forEach((member, record) -> values.put(member, record.values()));
    return values;
  }
}
