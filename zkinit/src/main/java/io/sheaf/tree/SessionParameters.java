package io.sheaf.tree;

import io.sheaf.conf.Settings;

/** The check that all members of a session work with the same parameters. */
public final class SessionParameters {
  private SessionParameters() {}

  /**
   * The settings of a member once it has joined: what it did not set itself is taken from the
   * session.
   *
   * @throws ParametersDifferException when the member set a parameter to another value than the
   *     session's; the message lists each with both values and where the member's came from
   */
  public static Settings reconcile(Settings settings, SessionRecord session) {
    throw new UnsupportedOperationException();
  }
}
