package io.sheaf.tree;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The life of a session, in this order and never back. */
public enum SessionState {
  /** Deposits are taken. */
  @JsonProperty("open")
  OPEN,
  /** Workers refuse deposits, close their batches and leave; scavengers merge what is pending. */
  @JsonProperty("draining")
  DRAINING,
  /** Everything is merged and the summary is written; members leave. */
  @JsonProperty("closed")
  CLOSED
}
