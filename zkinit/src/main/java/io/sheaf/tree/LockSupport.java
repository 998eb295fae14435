package io.sheaf.tree;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What POSIX locks are worth on the filesystem of a base directory; each is worse than the last.
 */
public enum LockSupport {
  /** Nobody has found out yet. */
  @JsonProperty("unknown")
  UNKNOWN,
  /** They exclude other processes wherever that could be tried. */
  @JsonProperty("work")
  WORK,
  /** They exclude processes of the same node only. */
  @JsonProperty("node-local")
  NODE_LOCAL,
  /** They exclude nobody. */
  @JsonProperty("none")
  NONE;

  /** Whether they exclude too few: nobody may rely on them alone. */
  public boolean isBroken() {
    return compareTo(WORK) > 0;
  }

  public LockSupport orWorse(LockSupport other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
