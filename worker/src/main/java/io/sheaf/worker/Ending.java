package io.sheaf.worker;

/** Why a worker has ended. */
public enum Ending {
  /** Its session was drained or closed; everything it took is published. */
  DRAINED,
  /** It was stopped; everything it took is published. */
  STOPPED,
  /**
   * It had to leave before everything was published, or its session was removed meanwhile. Sealed
   * batches are in the inbox, where a leader on this base directory finds them; open ones are left
   * for salvage.
   */
  UNFINISHED
}
