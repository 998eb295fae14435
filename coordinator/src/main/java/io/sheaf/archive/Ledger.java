package io.sheaf.archive;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.sheaf.zip.Crc32c;
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
 * @param directoryLength bytes of the central directory
 * @param directoryCrc CRC32C of it
 * @param endCrc CRC32C of what follows it: the end records and the archive comment
 * @param entries in the archive
 * @param volumes how often it was rolled
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
    long directoryLength,
    int directoryCrc,
    int endCrc,
    long entries,
    long volumes,
    SortedMap<String, String> consumed,
    SortedMap<String, SessionTotals> sessions) {
  static final int VERSION = 2;

  /**
   * @throws IllegalArgumentException when what is consumed is no ranges; of a file that was damaged
   */
  Ledger {
    // A field that is missing in the JSON is null, whatever the types say.
    Objects.requireNonNull(archive, "archive");
    Objects.requireNonNull(consumed, "consumed").values().forEach(SequenceRanges::parse);
    Objects.requireNonNull(sessions, "sessions");
  }

  /** Bytes that the tail checksum covers: an end record with the longest comment and more. */
  static final int TAIL = 128 << 10;

  static Ledger none(String archive) {
    return of(archive, 0, Contents.NONE, 0, new TreeMap<>(), new TreeMap<>());
  }

  /** The ledger of an archive that was there before Sheaf. */
  static Ledger adopted(String archive, Contents contents) {
    return of(archive, 0, contents, 0, new TreeMap<>(), new TreeMap<>());
  }

  static Ledger of(
      String archive,
      long epoch,
      Contents contents,
      long volumes,
      SortedMap<String, String> consumed,
      SortedMap<String, SessionTotals> sessions) {
    return new Ledger(
        VERSION,
        archive,
        epoch,
        contents.length(),
        contents.tail(),
        contents.dataLength(),
        contents.dataCrc(),
        contents.directoryLength(),
        contents.directoryCrc(),
        contents.endCrc(),
        contents.entries(),
        volumes,
        consumed,
        sessions);
  }

  /** The next commit. */
  Ledger next(
      Contents contents,
      SortedMap<String, String> nowConsumed,
      SortedMap<String, SessionTotals> nowSessions) {
    return of(archive, epoch + 1, contents, volumes, nowConsumed, nowSessions);
  }

  /** The commit after which the contents are a volume of their own. */
  Ledger rolled() {
    return of(archive, epoch + 1, Contents.NONE, volumes + 1, consumed, sessions);
  }

  @JsonIgnore
  Contents contents() {
    return new Contents(
        length, tail, dataLength, dataCrc, directoryLength, directoryCrc, endCrc, entries);
  }

  boolean hasConsumed(String worker, long seq) {
    return SequenceRanges.parse(consumed.getOrDefault(worker, "")).contains(seq);
  }

  /** What a ledger says of the archive's bytes. */
  record Contents(
      long length,
      int tail,
      long dataLength,
      int dataCrc,
      long directoryLength,
      int directoryCrc,
      int endCrc,
      long entries) {
    static final Contents NONE = new Contents(0, 0, 0, 0, 0, 0, 0, 0);

    /** CRC32C of the directory and what follows it. */
    int fromDirectoryCrc() {
      return Crc32c.combine(directoryCrc, endCrc, length - dataLength - directoryLength);
    }
  }
}
