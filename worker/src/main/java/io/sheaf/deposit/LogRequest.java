package io.sheaf.deposit;

import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.zip.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * A log that a client wants to append to.
 *
 * @param uid of the client
 * @param modified milliseconds since the epoch, or {@link DepositOptions#NOW} for the last append's
 * @param attributes mode and owner; null for those of a file of which nothing is said
 * @param durability null for the worker's default
 * @param id the client's name for the log, null for none
 * @param from offset in the log at which what comes begins
 * @param first number of the first entry, where the log is not known here
 */
public record LogRequest(
    Target target,
    int uid,
    long modified,
    @Nullable Attributes attributes,
    @Nullable Durability durability,
    SegmentRule rule,
    @Nullable String id,
    long from,
    int first) {
  /** Under which a log is known that has an id. */
  String key() {
    return uid + " " + id + " " + target.archive() + "/" + target.entry();
  }
}
