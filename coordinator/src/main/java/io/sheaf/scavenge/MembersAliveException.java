package io.sheaf.scavenge;

import java.io.IOException;
import java.util.List;

/** A session cannot be cleaned up, for it has members that are alive. */
public final class MembersAliveException extends IOException {
  private static final long serialVersionUID = 1L;

  MembersAliveException(String session, List<String> alive) {
    super(
        "session "
            + session
            + " is not to be cleaned up, these members are alive: "
            + String.join(", ", alive)
            + "; end it with 'sheaf session drain "
            + session
            + "'");
  }
}
