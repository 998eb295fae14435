package io.sheaf.conf;

/** How safe a deposit is when the worker answers. */
public enum Durability {
  /** In the worker's memory. */
  NONE,
  /** Written to the batch file: it outlives the worker, not the node. */
  WRITE,
  /** Synced: it outlives the node. */
  FSYNC
}
