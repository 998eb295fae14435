package io.sheaf.tree;

/**
 * A note about something in quarantine: the data of {@code /sessions/<s>/failed/<xx>/<hash>}.
 *
 * @param archive for which it was meant
 * @param name of the batch or entry that could not be merged
 * @param reason in one line
 * @param path where its bytes are kept, relative to the base directory; it is the note's identity
 * @param by id of the coordinator that put it there
 * @param at milliseconds since the epoch
 */
public record FailedBatch(
    int version, String archive, String name, String reason, String path, String by, long at) {
  public static final int VERSION = 1;
}
