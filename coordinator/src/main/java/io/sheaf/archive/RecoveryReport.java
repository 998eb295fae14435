package io.sheaf.archive;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link OfflineRecovery} did to a base directory.
 *
 * @param archives those that something was to be done for
 * @param retried what was looked at in quarantine, when that was asked for
 * @param salvaged batches that were made of what dead workers had left open
 * @param held open batches that a process still has
 * @param quarantined what is in quarantine now, with reasons
 * @param tidied what was put away afterwards; nothing while somebody else is at work
 */
public record RecoveryReport(
    List<Archive> archives,
    List<Retried> retried,
    long salvaged,
    List<String> held,
    List<VerifyReport.Quarantined> quarantined,
    Tidying.Tidied tidied) {

  /** What became of an archive. */
  public enum State {
    /** All that was there to merge is merged, or was already. */
    @JsonProperty("merged")
    MERGED,
    /** Some of its batches wait for others that have not come. */
    @JsonProperty("waiting")
    WAITING,
    /** Another process has it, such as a coordinator. */
    @JsonProperty("busy")
    BUSY,
    /** It could not be merged. */
    @JsonProperty("failed")
    FAILED
  }

  /**
   * An archive.
   *
   * @param epoch of its ledger now, 0 when it is not known
   * @param batches that are not pending any more
   * @param entries added to it
   * @param bytes of their contents
   * @param held batches that wait
   * @param gaps in the sequence of workers that were passed over, a line each
   * @param rolled archives to which its contents were moved, for it had reached its limit
   * @param said what it means that it was accepted as it is, when that was asked for
   * @param problem why it could not be merged, null when it could
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Archive(
      String archive,
      State state,
      long epoch,
      long batches,
      long entries,
      long bytes,
      long held,
      List<String> gaps,
      List<String> rolled,
      List<String> said,
      @Nullable String problem) {}

  /**
   * Something in quarantine that may have been repaired.
   *
   * @param path relative to the base directory
   * @param taken whether it is merged now, and gone from there
   * @param what it is, or why it stays
   */
  public record Retried(String path, boolean taken, String what) {}

  /** Whether every archive could be merged that nobody else has. */
  public boolean succeeded() {
    return archives.stream().noneMatch(a -> a.state() == State.FAILED);
  }

  /** Whether nothing is left: neither waiting, nor in other hands, nor in quarantine. */
  public boolean complete() {
    return held.isEmpty()
        && quarantined.isEmpty()
        && archives.stream().allMatch(a -> a.state() == State.MERGED);
  }
}
