package io.sheaf.worker;

import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.SegmentRule;

/**
 * What stands behind the question mark of a request that appends.
 *
 * @param path before it
 * @param from offset at which the body goes on
 * @param number of the entry that a log begins with which is not known here
 */
record AppendQuery(String path, SegmentRule rule, long from, int number) {
  private static final String APPEND = "append";

  /** Whether a request target asks to append. */
  static boolean isAppend(String uri) {
    int mark = uri.indexOf('?');
    if (mark < 0) {
      return false;
    }
    for (String part : uri.substring(mark + 1).split("&", -1)) {
      if (part.equals(APPEND) || part.equals(APPEND + "=")) {
        return true;
      }
    }
    return false;
  }

  static AppendQuery parse(String uri) throws DepositException {
    int mark = uri.indexOf('?');
    SegmentRule rule = SegmentRule.NONE;
    long from = 0;
    int number = -1;
    for (String part : uri.substring(mark + 1).split("&", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "" : part.substring(equals + 1).replace("%2C", ",");
      switch (name) {
        case APPEND -> {}
        case "segment" -> rule = rule(value);
        case "from" -> from = count(name, value, Long.MAX_VALUE);
        case "number" -> number = (int) count(name, value, 1_000_000_000);
        default -> throw refused("append knows segment=, from= and number=, not " + name, null);
      }
    }
    int first = number >= 0 ? number : from > 0 ? 1 : 0;
    return new AppendQuery(uri.substring(0, mark), rule, from, first);
  }

  private static SegmentRule rule(String text) throws DepositException {
    try {
      return SegmentRule.parse(text);
    } catch (IllegalArgumentException e) {
      throw refused("segment must be an age, as 5m, bytes, as 64M, or both, as 5m,64M", e);
    }
  }

  private static long count(String name, String text, long most) throws DepositException {
    try {
      long value = Long.parseLong(text);
      if (value >= 0 && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw refused(name + " must be a number", e);
    }
    throw refused(name + " must be a number from 0 to " + most, null);
  }

  private static DepositException refused(
      String why, @org.jspecify.annotations.Nullable Exception cause) {
    return new DepositException(Kind.REFUSED, why, cause);
  }
}
