package io.sheaf.conf;

import java.util.Locale;

/** The three kinds of users that rights are split between. */
public enum Access {
  /** Builds the tree, and may do everything. */
  ADMIN,
  /** Claims archives, merges, leads and ends sessions. */
  COORDINATOR,
  /** Joins sessions and publishes batches. */
  WORKER;

  /** Their names on a server that Sheaf itself has started. */
  public String user() {
    return name().toLowerCase(Locale.ROOT);
  }
}
