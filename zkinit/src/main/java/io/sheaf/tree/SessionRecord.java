package io.sheaf.tree;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A session: the data of {@code /sessions/<name>}.
 *
 * @param baseId id of the base directory that all members must see
 * @param base path of it, as its creator saw it
 * @param parameters those settings that belong to the session and not to a member, as text, by
 *     name; fixed at creation
 * @param created milliseconds since the epoch
 */
public record SessionRecord(
    int version,
    String name,
    String baseId,
    String base,
    SortedMap<String, String> parameters,
    SessionState state,
    long created) {
  public static final int VERSION = 1;

  public SessionRecord {
    parameters = new TreeMap<>(parameters);
  }

  public SessionRecord withState(SessionState next) {
    return new SessionRecord(version, name, baseId, base, parameters, next, created);
  }
}
