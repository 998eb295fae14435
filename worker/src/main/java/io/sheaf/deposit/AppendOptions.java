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
 */
public record AppendOptions(
    @Nullable Durability durability, SegmentRule rule, @Nullable String id) {
  public static final AppendOptions DEFAULT = new AppendOptions(null, SegmentRule.NONE, null);

  public AppendOptions withDurability(@Nullable Durability next) {
    return new AppendOptions(next, rule, id);
  }

  public AppendOptions withRule(SegmentRule next) {
    return new AppendOptions(durability, next, id);
  }

  public AppendOptions withId(@Nullable String next) {
    return new AppendOptions(durability, rule, next);
  }
}
