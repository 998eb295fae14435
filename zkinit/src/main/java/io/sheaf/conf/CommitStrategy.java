package io.sheaf.conf;

/** How a merge changes an archive that is there. */
public enum CommitStrategy {
  /** One or the other, by what they would cost. */
  AUTO,
  /** A staged copy takes its place: readers see a whole archive at any instant. */
  REPLACE,
  /** What is new overwrites the old directory, a copy of which is kept meanwhile. */
  IN_PLACE
}
