package io.sheaf.deposit;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.deposit.DepositException.Kind;

/** Targets as programs give them. */
final class Targets {
  private Targets() {}

  /** Reads one, as the way in for programs of this process. */
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
