package io.sheaf.conf;

/** The order in which the batches of an archive are merged. */
public enum MergeOrder {
  /** By the time of their closing, across workers. */
  TIME,
  /** Each worker's by their sequence numbers, without a gap. */
  SEQUENCE
}
