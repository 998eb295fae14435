package io.sheaf.tree;

import java.util.Locale;

/** What an exception of a library is about. */
final class Causes {
  private Causes() {}

  /** The innermost message, which names the thing and not the layers around it. */
  static String deepest(Throwable e) {
    Throwable at = e;
    String message = String.valueOf(e.getMessage());
    while (at.getCause() != null && at.getCause() != at) {
      at = at.getCause();
      message = at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
    }
    return message;
  }

  /** Whether one of the messages has this word. */
  static boolean mention(Throwable e, String word) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (String.valueOf(at.getMessage()).toLowerCase(Locale.ROOT).contains(word)) {
        return true;
      }
    }
    return false;
  }
}
