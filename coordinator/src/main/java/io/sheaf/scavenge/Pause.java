package io.sheaf.scavenge;

/** Why a coordinator takes no archive now. */
enum Pause {
  ZOOKEEPER_AWAY,
  BASE_AWAY,
  /** The session is closed, or another has its name. */
  OVER
}
