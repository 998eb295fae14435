package io.sheaf.scavenge;

import java.io.IOException;

/**
 * A claim is gone or cannot be confirmed: abandon the merge and commit nothing. It says nothing
 * about the archive; try again once ZooKeeper answers.
 */
final class ClaimInDoubtException extends IOException {
  private static final long serialVersionUID = 1L;

  ClaimInDoubtException(String message, Throwable cause) {
    super(message, cause);
  }

  ClaimInDoubtException(String message) {
    super(message);
  }
}
