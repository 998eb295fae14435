package io.sheaf.batch;

import io.sheaf.zip.DepositId;

/**
 * Which part of which stream of appends it is: a segment becomes one entry.
 *
 * @param stream counted by its worker, from 1
 * @param segment counted in its stream, from 0
 */
public record SegmentKey(long stream, int segment) {
  /** What its entry carries, whoever deposits it, so that it is known wherever it is. */
  public DepositId id(String worker) {
    return DepositId.of("append " + worker + " " + stream + " " + segment);
  }
}
