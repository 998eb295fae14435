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
  private final long began = System.nanoTime();
  private int connections = 1;

  AppendNumber(SegmentRule rule) {
    this.rule = rule;
  }

  /**
   * For the next connection.
   *
   * @param written bytes of the log so far
   */
  long next(long written) {
    long millis = (System.nanoTime() - began) / 1_000_000;
    return next(written, millis);
  }

  /**
   * A cut by length moves what follows the last line feed to the next segment, so that one alone
   * may be short; two that follow one another have the length. A cut by age comes once in that
   * time.
   */
  long next(long written, long millis) {
    long byLength = rule.bytes() == 0 ? 0 : 2 * (written / rule.bytes() + 1);
    long byAge = rule.millis() == 0 ? 0 : millis / rule.millis() + 1;
    return Math.min(MOST, byLength + byAge + connections++);
  }
}
