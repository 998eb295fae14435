package io.sheaf.tree;

/** What a member does in its session. */
public enum Role {
  WORKER("workers"),
  COORDINATOR("coordinators");

  private final String directory;

  Role(String directory) {
    this.directory = directory;
  }

  /** The znode under the session that holds the members of this role. */
  String directory() {
    return directory;
  }
}
