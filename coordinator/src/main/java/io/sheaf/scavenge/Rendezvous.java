package io.sheaf.scavenge;

import java.util.Collection;
import java.util.Optional;

/**
 * Which coordinator an archive belongs to: highest random weight (Thaler and Ravishankar, 1998).
 * Every coordinator computes the same answer without talking, and when one comes or goes, only its
 * own archives move.
 */
final class Rendezvous {
  // FNV-1a, 64 bits; the finalizer is that of SplitMix64, because FNV alone hardly mixes high bits.
  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Rendezvous() {}

  static Optional<String> owner(String archive, Collection<String> coordinators) {
    return coordinators.stream()
        .max(
            (a, b) -> {
              int byWeight = Long.compareUnsigned(weight(archive, a), weight(archive, b));
              return byWeight != 0 ? byWeight : a.compareTo(b);
            });
  }

  /** How strongly a coordinator is drawn to an archive, unsigned. */
  static long weight(String archive, String coordinator) {
    long h = add(add(FNV_BASIS, archive) * FNV_PRIME, coordinator);
    h = (h ^ (h >>> 30)) * 0xbf58476d1ce4e5b9L;
    h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
    return h ^ (h >>> 31);
  }

  private static long add(long hash, String text) {
    long h = hash;
    for (int i = 0; i < text.length(); i++) {
      h = (h ^ text.charAt(i)) * FNV_PRIME;
    }
    return h;
  }
}
