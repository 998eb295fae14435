package io.sheaf.zkinit;

/** What is to be done, or was done, about one znode. */
public record PlannedAction(Kind kind, String path, String detail) {
  /** How the znode differs from the plan. */
  public enum Kind {
    CREATE,
    SET_ACL,
    UNCHANGED
  }

  /** One line for a user. */
  public String line() {
    return kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
        + " "
        + path
        + (detail.isEmpty() ? "" : ": " + detail);
  }
}
