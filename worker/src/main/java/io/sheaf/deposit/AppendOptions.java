package io.sheaf.deposit;

import io.sheaf.conf.Durability;
import org.jspecify.annotations.Nullable;

/**
 * How to append to a log.
 *
 * @param durability that {@link AppendStream#safe} speaks of; null for the worker's default
 * @param rule when the log is cut into entries
 * @param id the program's name for the log, 1 to 64 of {@code A-Z a-z 0-9 . _ -}: what is sent
 *     again under it is there once; null for none
 * @param waits whether a worker that is gone is waited for as long as the log is open, and only
 *     from its close on for {@code resend_time}; a write then waits too once much is unsent
 */
public record AppendOptions(
    @Nullable Durability durability, SegmentRule rule, @Nullable String id, boolean waits) {
  public static final AppendOptions DEFAULT = new AppendOptions(null, SegmentRule.NONE, null);

  /** Of a log that waits for a worker for {@code resend_time}. */
  public AppendOptions(@Nullable Durability durability, SegmentRule rule, @Nullable String id) {
    this(durability, rule, id, false);
  }

  public AppendOptions withDurability(@Nullable Durability next) {
    return new AppendOptions(next, rule, id, waits);
  }

  public AppendOptions withRule(SegmentRule next) {
    return new AppendOptions(durability, next, id, waits);
  }

  public AppendOptions withId(@Nullable String next) {
    return new AppendOptions(durability, rule, next, waits);
  }

  public AppendOptions withWaits(boolean next) {
    return new AppendOptions(durability, rule, id, next);
  }
}
