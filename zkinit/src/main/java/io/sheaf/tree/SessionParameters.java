package io.sheaf.tree;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
    List<String> differences = new ArrayList<>();
    for (Key<?> key : Keys.all()) {
      difference(key, settings, session).ifPresent(differences::add);
    }
    if (!differences.isEmpty()) {
      throw new ParametersDifferException(
          "session "
              + session.name()
              + " has other parameters: "
              + String.join("; ", differences)
              + ": leave them out, or use another session name");
    }
    return settings.withSession(session.name(), session.parameters());
  }

  private static Optional<String> difference(Key<?> key, Settings settings, SessionRecord session) {
    String theirs = session.parameters().get(key.name());
    String ours = settings.text(key).orElse("");
    if (!key.session() || theirs == null || !settings.isExplicit(key)) {
      return Optional.empty();
    }
    return ours.equals(key.canonical(theirs).orElse(theirs))
        ? Optional.empty()
        : Optional.of(
            key.name()
                + " is "
                + theirs
                + " there and "
                + ours
                + " here (from "
                + settings.origin(key)
                + ")");
  }
}
