package io.sheaf.load;

/**
 * What became of deposits so far.
 *
 * @param sent of which bytes may have left
 * @param answered for which the worker has answered
 * @param failed that were refused, or of which nobody knows
 * @param bytes answered for
 */
public record Counts(long sent, long answered, long failed, long bytes) {
  public long inFlight() {
    return sent - answered - failed;
  }

  Counts plusSent() {
    return new Counts(sent + 1, answered, failed, bytes);
  }

  Counts plusAnswered(long size) {
    return new Counts(sent, answered + 1, failed, bytes + size);
  }

  Counts plusFailed() {
    return new Counts(sent, answered, failed + 1, bytes);
  }
}
