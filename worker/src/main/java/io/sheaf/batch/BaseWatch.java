package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.FileState;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the base directory is still the one that it was: a filesystem may be unmounted
 * while members run, and then its mount point, or another filesystem, has the name. Any number of
 * threads.
 *
 * <p>A look is a stat of {@code base.json}; it is read when it is not the file that was read
 * before. No cache of a network filesystem can hide that something is unmounted, for that is a
 * matter of this node alone.
 */
public final class BaseWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BaseWatch.class);
  private static final long INTERVAL_MILLIS = TimeUnit.SECONDS.toMillis(2);

  private final Disk disk;
  private final BaseDirectory base;
  private final Semaphore changed = new Semaphore(0);
  private volatile @Nullable FileState seen;
  private volatile String reason = "";
  private volatile boolean closed;

  /**
   * @param disk the plain one
   */
  public BaseWatch(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  /**
   * Begins to look every 2 s.
   *
   * @param told after each look, by a thread of its own, why the base directory cannot be used;
   *     empty when it can
   */
  public void start(Consumer<String> told) {
    Thread thread = new Thread(() -> run(told), "sheaf-base");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Consumer<String> told) {
    while (awaitNext()) {
      update(look());
      try {
        told.accept(reason);
      } catch (RuntimeException e) {
        log.warn("while telling of the base directory: {}", e.toString()); // The next look tells.
      }
    }
  }

  private boolean awaitNext() {
    try {
      boolean woken = changed.tryAcquire(INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
      log.trace("looking, {}", woken ? "something has changed" : "as always");
      return !closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Why the base directory could not be used when it was looked for last; empty if it could. */
  public String reason() {
    return reason;
  }

  /** Returns when the base directory is there now. */
  public void check() throws BaseGoneException {
    String found = look();
    update(found);
    if (!found.isEmpty()) {
      throw new BaseGoneException(found);
    }
  }

  private void update(String found) {
    if (reason.equals(found)) {
      return;
    }
    synchronized (this) {
      if (reason.equals(found)) {
        return;
      }
      if (found.isEmpty()) {
        log.warn("the base directory {} is back: going on", base.root());
      } else if (reason.isEmpty()) {
        log.error("PAUSED: {}; going on when it is back", found);
      }
      reason = found;
      changed.release(); // So that whoever is told need not wait.
    }
  }

  private String look() {
    try {
      Optional<FileState> state = disk.stat(base.file());
      if (state.isEmpty()) {
        return "the base directory " + base.root() + " is not there: is its filesystem mounted?";
      }
      if (state.get().equals(seen)) {
        return "";
      }
      String id = BaseDirectory.idIn(disk, base.file());
      if (!id.equals(base.id())) {
        return base.root() + " is another base directory now: mount that of id " + base.id();
      }
      seen = state.get();
      return "";
    } catch (IOException e) {
      return "the base directory " + base.root() + " cannot be read: " + e.getMessage();
    }
  }

  /** Ends the looking; {@link #check} goes on to work. */
  @Override
  public void close() {
    closed = true;
    changed.release();
  }
}
