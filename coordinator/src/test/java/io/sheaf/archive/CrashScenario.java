package io.sheaf.archive;

import java.io.IOException;

/**
 * What happens in a crash test.
 *
 * @param name without {@code @} and {@code /}
 * @param prepare what is there before, all of it durable
 * @param run what crashes: after each of its operations
 */
record CrashScenario(String name, MergePolicy policy, Step prepare, Step run) {
  /** A part of a scenario. */
  interface Step {
    void in(SimulatedBase at) throws IOException;
  }
}
