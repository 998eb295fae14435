package io.sheaf.worker;

import io.sheaf.deposit.Owners;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may deposit: this user, root, and those that were allowed. The kernel says who is at the
 * other end of a unix socket (SO_PEERCRED: uid and primary gid at the time of connect), so nobody
 * can claim to be another.
 */
final class Peers {
  private static final Logger log = LoggerFactory.getLogger(Peers.class);

  /** This user and root alone. */
  static final Peers OWN = with(Set.of(), Set.of());

  /** A process that comes as thousands of users must not fill memory or log. */
  private static final int TOLD = 1_000;

  private final Set<Integer> uids;
  private final Set<Integer> gids;
  private final boolean many;
  private final Set<Integer> told = ConcurrentHashMap.newKeySet();

  Peers(Set<Integer> uids, Set<Integer> gids, boolean many) {
    this.uids = Set.copyOf(uids);
    this.gids = Set.copyOf(gids);
    this.many = many;
  }

  /** This user, root and these. */
  static Peers with(Set<Integer> uids, Set<Integer> gids) {
    Set<Integer> all = new HashSet<>(uids);
    all.add(Owners.self());
    all.add(Owners.ROOT);
    return new Peers(all, gids, !uids.isEmpty() || !gids.isEmpty());
  }

  /** Whether others than this user and root are let in. */
  boolean areMany() {
    return many;
  }

  boolean allow(int uid, int gid) {
    return uids.contains(uid) || gids.contains(gid);
  }

  /** Why a peer is sent away; it is logged once. */
  String refusal(int uid, int gid) {
    if (told.size() < TOLD && told.add(uid)) {
      log.warn("deposits of uid {} (gid {}) are refused: see allow_users", uid, gid);
    }
    return "uid "
        + uid
        + " may not deposit here: use a worker of your own, or have its owner name you in"
        + " allow_users or allow_groups";
  }
}
