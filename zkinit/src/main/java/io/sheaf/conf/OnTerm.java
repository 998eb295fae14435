package io.sheaf.conf;

/** What SIGTERM means to a member. */
public enum OnTerm {
  /** The end of the session: it is drained, as by {@code sheaf session drain}. */
  DRAIN,
  /** The end of this member alone. */
  LEAVE
}
