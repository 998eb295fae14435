package io.sheaf.archive;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What {@link Verifier} found in a base directory.
 *
 * @param pending closed batches that wait to be merged
 * @param open batches that a worker has open, or left open
 * @param quarantined what could not be merged, with reasons
 * @param strays in the inbox, which no merge looks at
 * @param leftovers of crashes, which the next merge removes; of merges under way too
 * @param problems of the base directory that belong to no archive
 */
public record VerifyReport(
    List<Archive> archives,
    List<Pending> pending,
    List<String> open,
    List<Quarantined> quarantined,
    List<String> strays,
    List<String> leftovers,
    List<String> problems) {

  /** How an archive and its ledger stand to each other. */
  public enum Status {
    /** Every byte is as it was committed. */
    @JsonProperty("ok")
    OK,
    /** A merge was cut off or is under way; the next claim finishes or undoes it. */
    @JsonProperty("merging")
    MERGING,
    /** There is an archive that Sheaf has not written; it is a whole zip. */
    @JsonProperty("no-ledger")
    NO_LEDGER,
    /** A ledger of entries, and no archive. */
    @JsonProperty("gone")
    GONE,
    /** Bytes are not as they were committed, or no zip. */
    @JsonProperty("damaged")
    DAMAGED
  }

  /**
   * An archive.
   *
   * @param epoch of its ledger, 0 without one
   * @param problems in one line each
   */
  public record Archive(
      String archive, Status status, long entries, long length, long epoch, List<String> problems) {
    /** Whether it is as it was committed, or will be so after the next claim. */
    public boolean sound() {
      return status != Status.DAMAGED && status != Status.GONE;
    }
  }

  /** A closed batch; its entries and bytes are 0 when it cannot be read. */
  public record Pending(String path, long entries, long bytes, List<String> problems) {}

  /** Something in quarantine. */
  public record Quarantined(String path, String reason) {}

  /** Whether nothing is damaged. Whole batches may be pending and entries in quarantine. */
  public boolean sound() {
    return problems.isEmpty()
        && archives.stream().allMatch(Archive::sound)
        && pending.stream().allMatch(batch -> batch.problems().isEmpty());
  }
}
