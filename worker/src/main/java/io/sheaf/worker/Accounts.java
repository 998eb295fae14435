package io.sheaf.worker;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Turns names of users and groups into numbers, by {@code getent}, so that LDAP and the like count
 * as well. Done once, at the start of a worker.
 */
final class Accounts {
  private Accounts() {}

  /**
   * Those whom the settings let in. Of a group these are the users that its entry lists, and
   * whoever has it as primary group.
   *
   * @throws ConfException when a name is unknown
   */
  static Peers peers(Settings settings) {
    Set<Integer> uids = new HashSet<>();
    Set<Integer> gids = new HashSet<>();
    for (String name : settings.find(Keys.ALLOW_USERS).orElse(List.of())) {
      uids.add(number(settings, Keys.ALLOW_USERS, "passwd", name));
    }
    for (String name : settings.find(Keys.ALLOW_GROUPS).orElse(List.of())) {
      gids.add(number(settings, Keys.ALLOW_GROUPS, "group", name));
      uids.addAll(members(name));
    }
    return Peers.with(uids, gids);
  }

  private static int number(Settings settings, Key<?> key, String database, String name) {
    if (isNumber(name)) {
      return Integer.parseUnsignedInt(name);
    }
    return entry(database, name)
        .map(fields -> Integer.parseUnsignedInt(fields.get(2)))
        .orElseThrow(
            () ->
                new ConfException(
                    key.name()
                        + " (from "
                        + settings.origin(key)
                        + "): "
                        + (database.equals("group") ? "no group" : "no user")
                        + " is named "
                        + name
                        + " on this node: correct it, or give the number"));
  }

  private static boolean isNumber(String name) {
    return name.matches("[0-9]{1,9}");
  }

  private static List<Integer> members(String group) {
    List<Integer> uids = new ArrayList<>();
    String listed = entry("group", group).map(fields -> fields.get(3)).orElse("");
    for (String user : listed.split(",", -1)) {
      if (!user.isEmpty()) {
        // A group may still list a user that is gone.
        entry("passwd", user)
            .ifPresent(fields -> uids.add(Integer.parseUnsignedInt(fields.get(2))));
      }
    }
    return uids;
  }

  /** An entry of a database: name, password, number, and of a group its members. */
  private static Optional<List<String>> entry(String database, String name) {
    try {
      Process getent =
          new ProcessBuilder("getent", database, name)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      getent.getOutputStream().close();
      String line =
          new String(getent.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      List<String> fields = Arrays.asList(line.split(":", -1));
      return getent.waitFor() == 0 && fields.size() >= 4 && isNumber(fields.get(2))
          ? Optional.of(fields)
          : Optional.empty();
    } catch (IOException e) {
      throw new ConfException(
          name + " cannot be looked up, as there is no getent: give numbers instead", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConfException("interrupted while " + name + " was looked up", e);
    }
  }
}
