package io.sheaf.archive;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The last commit of an archive. Replacing it is the commit of a merge.
 *
 * @param version of this format, {@value #VERSION}
 * @param epoch counts the commits; 0 is an archive that Sheaf has not written
 * @param length of the archive in bytes; 0 when there is none
 * @param tail CRC32C of the last {@value #TAIL} bytes, or of all when there are fewer
 * @param dataLength where the central directory begins
 * @param dataCrc CRC32C of everything before it
 * @param endCrc CRC32C of the central directory and what follows
 * @param entries in the archive
 * @param consumed the batches that were merged: by worker, ranges of sequence numbers
 * @param sessions what was merged for each session
 */
record Ledger(
    int version,
    String archive,
    long epoch,
    long length,
    int tail,
    long dataLength,
    int dataCrc,
    int endCrc,
    long entries,
    SortedMap<String, String> consumed,
    SortedMap<String, SessionTotals> sessions) {
  static final int VERSION = 1;

  /**
   * @throws IllegalArgumentException when what is consumed is no ranges; of a file that was damaged
   */
  Ledger {
    // A field that is missing in the JSON is null, whatever the types say.
    Objects.requireNonNull(archive, "archive");
    Objects.requireNonNull(consumed, "consumed").values().forEach(SequenceRanges::parse);
    Objects.requireNonNull(sessions, "sessions");
  }

  /** Bytes that the tail checksum covers: enough to see that the directory is another. */
  static final int TAIL = 64 << 10;

  static Ledger none(String archive) {
    return new Ledger(VERSION, archive, 0, 0, 0, 0, 0, 0, 0, new TreeMap<>(), new TreeMap<>());
  }

  /** The ledger of an archive that was there before Sheaf. */
  static Ledger adopted(String archive, Contents contents) {
    return none(archive).next(0, contents, new TreeMap<>(), new TreeMap<>());
  }

  Ledger next(
      long nextEpoch,
      Contents contents,
      SortedMap<String, String> nowConsumed,
      SortedMap<String, SessionTotals> nowSessions) {
    return new Ledger(
        VERSION,
        archive,
        nextEpoch,
        contents.length(),
        contents.tail(),
        contents.dataLength(),
        contents.dataCrc(),
        contents.endCrc(),
        contents.entries(),
        nowConsumed,
        nowSessions);
  }

  @JsonIgnore
  Contents contents() {
    return new Contents(length, tail, dataLength, dataCrc, endCrc, entries);
  }

  boolean hasConsumed(String worker, long seq) {
    return SequenceRanges.parse(consumed.getOrDefault(worker, "")).contains(seq);
  }

  /** What a ledger says of the archive's bytes. */
  record Contents(long length, int tail, long dataLength, int dataCrc, int endCrc, long entries) {
    static final Contents NONE = new Contents(0, 0, 0, 0, 0, 0);
  }
}
