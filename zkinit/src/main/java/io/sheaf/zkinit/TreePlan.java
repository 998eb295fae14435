package io.sheaf.zkinit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A tree of znodes with their ACLs, as a config file describes it. */
public final class TreePlan {
  private TreePlan() {}

  /**
   * Reads a config file.
   *
   * @param environment for passwords given as {@code passwd_env}
   * @throws io.sheaf.conf.ConfException with file and line
   */
  public static TreePlan read(Path file, Map<String, String> environment) {
    throw new UnsupportedOperationException();
  }

  /** {@code servers} of {@code [MAIN]}. */
  public Optional<String> servers() {
    throw new UnsupportedOperationException();
  }

  /** What the tree on those servers lacks; changes nothing. */
  public List<PlannedAction> compare(String servers, Duration connectTimeout) {
    throw new UnsupportedOperationException();
  }

  /** Makes the tree as planned, parents first; returns what was done. */
  public List<PlannedAction> apply(String servers, Duration connectTimeout) {
    throw new UnsupportedOperationException();
  }
}
