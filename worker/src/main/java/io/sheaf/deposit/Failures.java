package io.sheaf.deposit;

import io.sheaf.batch.BaseGoneException;
import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says of an I/O error what a depositor can do about it. */
final class Failures {
  private static final Logger log = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  /** For an error after which nothing of the entry is in a batch. */
  static DepositException nothingKept(IOException e) {
    if (e instanceof DepositException known) {
      return known;
    }
    if (isNoSpace(e)) {
      return new DepositException(
          Kind.NO_SPACE, "no space is left for batches: make room and try again", e);
    }
    if (isAway(e)) {
      return new DepositException(Kind.UNAVAILABLE, oneLine(e), e);
    }
    return new DepositException(
        Kind.UNAVAILABLE, "the batch could not be written, try again: " + oneLine(e), e);
  }

  private static boolean isAway(IOException e) {
    return e instanceof BaseGoneException;
  }

  /** For an error after which the entry may be in a batch or not. */
  static DepositException unknown(IOException e) {
    if (isNoSpace(e)) {
      return new DepositException(
          Kind.NO_SPACE, "no space is left to make the entry durable: make room and try again", e);
    }
    if (isAway(e)) {
      return new DepositException(
          Kind.UNAVAILABLE, "the entry may not be durable, deposit it again: " + oneLine(e), e);
    }
    return new DepositException(
        Kind.FAILED, "the entry may not be durable, deposit it again: " + oneLine(e), e);
  }

  /** For a mistake of ours, or a heap that is too small; it is logged here. */
  static DepositException mistake(String archive, Throwable e) {
    log.error("a deposit to {} could not be written", archive, e);
    return new DepositException(Kind.FAILED, "a mistake in the worker, see its log: " + e, e);
  }

  /** ENOSPC and EDQUOT; the JDK keeps only the system's text of them. */
  private static boolean isNoSpace(IOException e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      String text = at.getMessage();
      if (text != null && mentionsNoSpace(text.toLowerCase(Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }

  private static boolean mentionsNoSpace(String text) {
    return text.contains("no space left on device") || text.contains("quota exceeded");
  }

  static String oneLine(Throwable e) {
    @Nullable String message = e.getMessage();
    String text = message == null ? e.getClass().getSimpleName() : message;
    return text.replaceAll("\\s+", " ");
  }
}
