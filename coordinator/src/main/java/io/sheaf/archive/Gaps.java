package io.sheaf.archive;

/** What a merge does about a gap in a worker's sequence, under {@code order=sequence}. */
public enum Gaps {
  /** The batches behind it wait, until the policy's timeout. */
  WAIT,
  /** It is passed over, and said so: nothing more will come. */
  PASS
}
