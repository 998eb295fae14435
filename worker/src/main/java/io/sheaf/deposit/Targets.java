package io.sheaf.deposit;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.deposit.DepositException.Kind;

/** Targets as programs write them. */
final class Targets {
  private Targets() {}

  /**
   * Reads a target, as the way in for programs of this process.
   *
   * @throws DepositException REFUSED when no archive may hold such a name
   */
  static Target parse(String target) throws DepositException {
    try {
      return Target.parse(target);
    } catch (BadTargetException e) {
      throw new DepositException(Kind.REFUSED, Failures.oneLine(e), e);
    }
  }

  /** Refuses one before it is sent. */
  static void check(String target) throws DepositException {
    Target unused = parse(target);
  }
}
