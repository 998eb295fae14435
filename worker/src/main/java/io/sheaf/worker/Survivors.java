package io.sheaf.worker;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.tree.MemberRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which members of a session are alive, known at once and not after ZooKeeper's session timeout: a
 * member that lives holds the lock of its file in the base directory, whichever node it is on. A
 * member that ZooKeeper still lists, but whose lock is free or gone, is dead. Where POSIX locks are
 * worth too little, those that ZooKeeper lists count as alive, and those whose process is here.
 */
public final class Survivors {
  private final Disk disk;
  private final BaseDirectory base;

  public Survivors(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  /**
   * The members of a session that are alive, or may be.
   *
   * @param registered whom ZooKeeper lists; empty when it cannot be asked
   */
  public List<String> of(String session, Collection<MemberRecord> registered) throws IOException {
    SortedSet<String> alive = new TreeSet<>();
    boolean broken = BrokenLocks.found(disk, base).isPresent();
    disk.revalidate(base.members());
    for (String id : disk.list(base.members())) {
      Optional<MemberMark> mark = disk.readIfPresent(base.member(id)).flatMap(MemberMark::parse);
      boolean ours = mark.isEmpty() || mark.get().session().equals(session);
      if (ours && (broken ? isHere(mark) : isHeld(id))) {
        alive.add(id);
      }
    }
    for (MemberRecord member : registered) {
      // By name, for a list of names may be older than the registration.
      if (broken || isHeld(member.id())) {
        alive.add(member.id());
      }
    }
    return new ArrayList<>(alive);
  }

  /**
   * The members of a session that died: their file is there and nobody holds its lock. Empty where
   * POSIX locks are worth too little.
   */
  public List<String> dead(String session) throws IOException {
    List<String> dead = new ArrayList<>();
    if (BrokenLocks.found(disk, base).isEmpty()) {
      for (String id : disk.list(base.members())) {
        if (isOf(session, id) && !isHeld(id) && disk.stat(base.member(id)).isPresent()) {
          dead.add(id);
        }
      }
    }
    return dead;
  }

  private boolean isOf(String session, String id) throws IOException {
    return disk.readIfPresent(base.member(id))
        .flatMap(MemberMark::parse)
        .filter(mark -> mark.session().equals(session))
        .isPresent();
  }

  private static boolean isHere(Optional<MemberMark> mark) {
    return mark.flatMap(m -> m.process().isGone()).map(gone -> !gone).orElse(false);
  }

  private boolean isHeld(String id) throws IOException {
    if (disk.stat(base.member(id)).isEmpty()) {
      return false;
    }
    Optional<DiskLock> lock = disk.tryLockExisting(base.member(id));
    if (lock.isPresent()) {
      lock.get().close();
      return false;
    }
    return disk.stat(base.member(id)).isPresent();
  }

  /** Removes the files of the dead members of a session. */
  public void forgetDead(String session) throws IOException {
    for (String id : disk.list(base.members())) {
      Path file = base.member(id);
      Optional<DiskLock> lock = isOf(session, id) ? disk.tryLockExisting(file) : Optional.empty();
      if (lock.isPresent()) {
        try (DiskLock held = lock.get()) {
          held.ensureValid();
          disk.delete(file);
        }
      }
    }
  }
}
