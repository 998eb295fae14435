package io.sheaf.zkinit;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is to be done, or was done, about one znode.
 *
 * @param before the rights, or the roles, that the znode has, by user; never a hash of a password
 * @param after those that the plan gives it
 * @param note what else there is to say, or empty
 */
public record PlannedAction(
    Kind kind, String path, List<String> before, List<String> after, String note) {

  /** How the znode differs from the plan. */
  public enum Kind {
    CREATE,
    SET_ACL,
    SET_ROLES,
    REMOVE,
    /** It should be removed, but somebody works there. */
    KEEP,
    /** It is there as something else than planned; nothing is done about it. */
    CONFLICT,
    UNCHANGED;

    /** As users read it. */
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  public PlannedAction {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  static PlannedAction unchanged(String path) {
    return of(Kind.UNCHANGED, path, "");
  }

  static PlannedAction of(Kind kind, String path, String note) {
    return new PlannedAction(kind, path, List.of(), List.of(), note);
  }

  /** Whether the znode is, once this was done, not what the plan says. */
  public boolean isLeftUndone() {
    return kind == Kind.KEEP || kind == Kind.CONFLICT;
  }

  /** For a user: what is done, then the rights before and after, like a diff. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(kind.word() + " " + path + (note.isEmpty() ? "" : ": " + note));
    add(lines, "- ", before);
    add(lines, "+ ", after);
    return lines;
  }

  private static void add(List<String> lines, String sign, List<String> rights) {
    if (!rights.isEmpty()) {
      lines.add(sign + String.join(" ", rights));
    }
  }

  @Override
  public String toString() {
    return String.join("; ", lines());
  }
}
