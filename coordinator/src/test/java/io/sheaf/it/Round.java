package io.sheaf.it;

import io.sheaf.conf.CommitStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Some of the moments of a test, on one filesystem and under one strategy.
 *
 * @param rolls whether archives are renamed when they have some entries. Duplicates are looked for
 *     in the newest only, so no worker may be killed: writers repeat what was not acknowledged
 * @param moments how often something is done to a process in this round
 * @param seed of all its choices
 */
record Round(Filesystem filesystem, CommitStrategy commit, boolean rolls, int moments, long seed) {

  /**
   * Spreads moments over filesystems and strategies. {@code -Dsheaf.seed} repeats the choices of an
   * earlier run, though not what the processes did meanwhile.
   *
   * @param moments in all; with a dozen rounds, each pair has one
   * @param atLeast so many moments make a round
   */
  static List<Round> of(int moments, int atLeast) {
    Filesystem[] filesystems = Filesystem.values();
    CommitStrategy[] strategies = CommitStrategy.values();
    int rounds = Math.min(Math.max(1, moments / atLeast), filesystems.length * strategies.length);
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    List<Round> all = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      // Four filesystems and three strategies: stepping through both meets every pair once.
      all.add(
          new Round(
              filesystems[i % filesystems.length],
              strategies[i % strategies.length],
              (i / strategies.length) % 2 == 1,
              moments / rounds + (i < moments % rounds ? 1 : 0),
              seed + i));
    }
    return all;
  }

  @Override
  public String toString() {
    String where = moments + " on " + lower(filesystem) + ", commit=" + option();
    return where + (rolls ? ", rolling" : "") + ", seed " + seed;
  }

  /** The strategy, as in the option {@code --commit}. */
  String option() {
    return lower(commit);
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
