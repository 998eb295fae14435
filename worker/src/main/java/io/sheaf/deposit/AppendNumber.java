package io.sheaf.deposit;

/**
 * The number of the entry in which a log goes on with a worker that does not know it. The one
 * before may have made more entries than it has told, and whoever salvages what it left makes some:
 * so the number is beyond all that there can be. Numbers that are left out do no harm, and two
 * entries of one name would.
 */
final class AppendNumber {
  private static final long MOST = 1_000_000_000;

  private final SegmentRule rule;

  // Of the connection before: its first entry, the offset from which it went on, its time.
  private long number;
  private long base;
  private long since;

  AppendNumber(SegmentRule rule) {
    this(rule, System.nanoTime() / 1_000_000);
  }

  AppendNumber(SegmentRule rule, long now) {
    this.rule = rule;
    this.since = now;
  }

  /**
   * For the next connection.
   *
   * @param from the offset from which it goes on; what it sends again may be in entries twice
   * @param written bytes of the log so far
   */
  long next(long from, long written) {
    return next(from, written, System.nanoTime() / 1_000_000);
  }

  /**
   * A cut by length moves what follows the last line feed to the next segment, so that one alone
   * may be short; two that follow one another have the length. A cut by age comes once in that
   * time, and when the clock jumps ahead.
   */
  long next(long from, long written, long now) {
    long byLength = rule.bytes() == 0 ? 0 : 2 * ((written - base) / rule.bytes() + 1);
    long byAge = rule.millis() == 0 ? 0 : 2 * ((now - since) / rule.millis() + 1);
    number = Math.min(MOST, number + byLength + byAge + 1);
    base = from;
    since = now;
    return number;
  }
}
