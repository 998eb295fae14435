package io.sheaf.adopt;

import java.util.List;

/**
 * What was taken out of an inbox that rear's workers write to.
 *
 * @param taken zips, with those that were repaired
 * @param repaired those that were torn, or that not every reader would have read alike
 * @param again those that were here before, and were removed
 * @param aside those that are in quarantine as a whole
 * @param young those that are left for their writers may still be at work
 * @param waiting what is left for another reason, a line each
 * @param failed what could not be read or written, a line each
 */
public record AdoptionReport(
    long taken,
    long repaired,
    long again,
    long aside,
    long young,
    List<String> waiting,
    List<String> failed) {

  /** Whether there was no trouble. */
  public boolean succeeded() {
    return failed.isEmpty();
  }
}
