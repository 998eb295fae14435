package io.sheaf.scavenge;

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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

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
    List<Blocked> blocked) {
  public static final int VERSION = 1;

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
        blocked);
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
