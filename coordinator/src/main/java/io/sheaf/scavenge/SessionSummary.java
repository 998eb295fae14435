package io.sheaf.scavenge;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sheaf.archive.Inodes;
import io.sheaf.archive.SessionTotals;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.InDirectory;
import io.sheaf.disk.Publication;
import io.sheaf.tree.FailedBatch;
import io.sheaf.tree.SessionRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of a session: {@code .sheaf/sessions/<name>.json}. The numbers are summed from the
 * ledgers, so they are right whoever led the session and however often.
 *
 * @param version of this format, {@value #VERSION}
 * @param created when the session was, in milliseconds since the epoch, as all times here
 * @param drained when this leader saw it draining
 * @param closed when this was written
 * @param by id of the leader that wrote it
 * @param bytes of contents merged
 * @param collapsed entries that were there already with the same bytes
 * @param renamed entries that got a numbered name
 * @param mergesBy merges by coordinator
 * @param files that programs deposited and that were merged
 * @param archives that now hold them
 * @param inodesUsed files and directories that the base directory now has for it: these archives
 *     with their volumes, the directories on the way to them, and what is left in {@code .sheaf},
 *     for other sessions too; 0 in summaries of before this was counted
 * @param inodesSaved entries less inodes used, 0 when that is less
 * @param gaps in the sequence of workers that were passed over, a line each: no batch of that
 *     number came
 * @param quarantine what could not be merged, and why
 * @param blocked archives whose batches still wait
 * @param earlier sessions of the same name that were closed before, the last {@value #EARLIER} of
 *     them, each without its own: a job that was requeued may have drained its session each time
 */
public record SessionSummary(
    int version,
    String session,
    String base,
    String state,
    long created,
    long drained,
    long closed,
    String by,
    long merges,
    long batches,
    long entries,
    long bytes,
    long collapsed,
    long renamed,
    long salvagedBatches,
    long salvagedEntries,
    SortedMap<String, Long> mergesBy,
    long files,
    long archives,
    long inodesUsed,
    long inodesSaved,
    List<String> gaps,
    List<FailedBatch> quarantine,
    List<Blocked> blocked,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<SessionSummary> earlier) {
  public static final int VERSION = 1;
  private static final int EARLIER = 100;
  private static final Logger LOG = LoggerFactory.getLogger(SessionSummary.class);

  /** Those of before there was such a list have none. */
  @SuppressWarnings("NullAway") // Jackson gives null for what is not there.
  public SessionSummary {
    earlier = earlier == null ? List.of() : List.copyOf(earlier);
  }

  /** When it was closed, for a message: {@code closed at 2026-01-31T12:00:00Z}. */
  public String closedAt() {
    return "closed at " + Instant.ofEpochMilli(closed).truncatedTo(ChronoUnit.SECONDS);
  }

  /** An archive that could not be merged into, with its batches still in the inbox. */
  public record Blocked(String archive, long batches, String reason) {}

  /**
   * How a session came to its end.
   *
   * @param drained when it was seen draining
   * @param closed now
   * @param by id of who closes it
   */
  record Closing(long drained, long closed, String by) {}

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /** Sums up a session: what was merged is read from the ledgers. */
  static SessionSummary of(
      Disk disk,
      BaseDirectory base,
      SessionRecord session,
      Closing closing,
      List<String> gaps,
      List<FailedBatch> quarantine,
      List<Blocked> blocked)
      throws IOException {
    String key = SessionTotals.key(session.name(), session.created());
    SessionTotals t = SessionTotals.of(disk, base, key);
    long used = Inodes.used(disk, base, key, Set.of(base.summary(session.name())));
    return new SessionSummary(
        VERSION,
        session.name(),
        base.root().toString(),
        "closed",
        session.created(),
        closing.drained(),
        closing.closed(),
        closing.by(),
        t.merges(),
        t.batches(),
        t.entries(),
        t.bytes(),
        t.collapsed(),
        t.renamed(),
        t.salvagedBatches(),
        t.salvagedEntries(),
        t.mergesBy(),
        t.entries() + t.collapsed(),
        t.archives(),
        used,
        Math.max(0, t.entries() - used),
        gaps,
        quarantine,
        blocked,
        earlier(disk, base, session));
  }

  private static List<SessionSummary> earlier(Disk disk, BaseDirectory base, SessionRecord session)
      throws IOException {
    Optional<SessionSummary> there;
    try {
      there = read(disk, base, session.name());
    } catch (JacksonException e) {
      LOG.warn("{} is replaced, nobody can read it: {}", base.summary(session.name()), e);
      return List.of();
    }
    if (there.isEmpty()) {
      return List.of();
    }
    SessionSummary last = there.get();
    List<SessionSummary> all = new ArrayList<>(last.earlier());
    if (last.created() != session.created()) {
      all.add(last.alone());
    }
    return all.subList(Math.max(0, all.size() - EARLIER), all.size());
  }

  private SessionSummary alone() {
    return new SessionSummary(
        version,
        session,
        base,
        state,
        created,
        drained,
        closed,
        by,
        merges,
        batches,
        entries,
        bytes,
        collapsed,
        renamed,
        salvagedBatches,
        salvagedEntries,
        mergesBy,
        files,
        archives,
        inodesUsed,
        inodesSaved,
        gaps,
        quarantine,
        blocked,
        List.of());
  }

  /** Whether everything that was deposited is in its archive. */
  public boolean isClean() {
    return quarantine.isEmpty() && blocked.isEmpty();
  }

  /** The summary of a session that was closed on this base directory; empty when there is none. */
  public static Optional<SessionSummary> read(Disk disk, BaseDirectory base, String session)
      throws IOException {
    Optional<byte[]> json = disk.readIfPresent(base.summary(session));
    return json.isEmpty()
        ? Optional.empty()
        : Optional.of(JSON.readValue(json.get(), SessionSummary.class));
  }

  /** As above, but of that session alone and not of an earlier one of the same name. */
  public static Optional<SessionSummary> read(
      Disk disk, BaseDirectory base, String session, long created) throws IOException {
    return read(disk, base, session).filter(summary -> summary.created() == created);
  }

  /** Replaces the session's summary; it is durable when this returns. */
  void write(Disk disk, BaseDirectory directory) throws IOException {
    Path file = directory.summary(session);
    byte[] json = JSON.writeValueAsBytes(this);
    InDirectory.change(disk, InDirectory.of(file), () -> Publication.replace(disk, file, json));
  }
}
