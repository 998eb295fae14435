package io.sheaf.disk;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A change of names that was not synced; it reaches the disk as a whole or not at all.
 *
 * @param operation its number
 * @param names what they mean after it
 * @param needs changes without which this one is never on the disk: those before it of the same
 *     names; for a name that a rename took away, that it was given elsewhere; for a directory that
 *     was removed, that it was emptied
 */
record NameChange(int operation, List<Name> names, List<NameChange> needs) {
  /** The inode of a name that is not there. */
  static final int ABSENT = 0;

  /** What a name in a directory means. */
  record Name(int directory, String name, int inode) {
    boolean isSameAs(Name other) {
      return directory == other.directory && name.equals(other.name);
    }
  }

  boolean touches(Name name) {
    return names.stream().anyMatch(name::isSameAs);
  }

  boolean touches(int directory) {
    return names.stream().anyMatch(n -> n.directory() == directory);
  }

  /** Those of the changes that are wanted, and all that they need; two equal ones are two. */
  static Set<NameChange> closure(List<NameChange> pending, Predicate<NameChange> wanted) {
    Set<NameChange> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = pending.size() - 1; i >= 0; i--) {
      NameChange change = pending.get(i);
      if (kept.contains(change) || wanted.test(change)) {
        kept.add(change);
        kept.addAll(change.needs());
      }
    }
    return kept;
  }
}
