package io.sheaf.spool;

import io.sheaf.deposit.Depositor;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what programs rename into a spool directory, deposits each file once, whatever crashes, and
 * removes it when its entry is synced. What cannot be deposited now waits; what never can is put
 * aside with the reason.
 */
public final class SpoolDoor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SpoolDoor.class);

  /** Deposits at a time. */
  private static final int THREADS = 16;

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final SpoolPlace place;
  private final SpoolWatch watch;
  private final Taking taking;
  private final Sending sending;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, work -> daemon(work, "sheaf-spool-send"));
  private final Thread loop = daemon(this::run, "sheaf-spool");
  private final Deque<Catch> waiting = new ArrayDeque<>();
  private volatile boolean closing;
  private volatile String trouble = "";

  private SpoolDoor(SpoolPlace place, SpoolWatch watch, Depositor depositor) {
    this.place = place;
    this.watch = watch;
    this.taking = new Taking(place);
    this.sending = new Sending(place, depositor, threads);
  }

  /**
   * What it has done.
   *
   * @param failed files that were put aside
   * @param trouble why files wait; empty when none do
   */
  public record Status(String directory, long deposited, long failed, String trouble) {}

  /**
   * Serves a directory, which is made if it is not there; begins with what an earlier worker has
   * left in it.
   *
   * @param disk the plain one
   * @throws IOException when it cannot be used, or another worker serves it
   */
  public static SpoolDoor start(Disk disk, Path directory, Depositor depositor) throws IOException {
    SpoolPlace place = SpoolPlace.open(disk, directory);
    boolean started = false;
    try {
      SpoolDoor door = new SpoolDoor(place, new SpoolWatch(place.fresh()), depositor);
      door.findLeft();
      door.loop.start();
      started = true;
      return door;
    } finally {
      if (!started) {
        place.close();
      }
    }
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  private void findLeft() throws IOException {
    for (Path directory : Catch.left(place)) {
      Optional<Catch> left = Catch.read(place, directory);
      waiting.add(left.isPresent() ? left.get() : new Catch(directory, List.of()));
    }
  }

  public Status status() {
    return new Status(place.root().toString(), sending.deposited(), sending.failed(), trouble);
  }

  private void run() {
    try {
      while (!closing) {
        watch.follow();
        if (!isDone()) {
          TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
        } else if (!closing) {
          watch.await(LOOK);
        }
      }
      boolean unused = isDone(); // What came before the end.
    } catch (InterruptedException | ClosedWatchServiceException e) {
      log.debug("the spool is left as it is");
    } catch (IOException | RuntimeException e) {
      log.error("the spool {} is not served any more", place.fresh(), e);
      trouble = String.valueOf(e.getMessage());
    }
  }

  /** Deposits all that is there; false when some of it has to wait. */
  private boolean isDone() throws InterruptedException {
    try {
      while (isSent()) {
        Optional<Taking.Move> next = taking.begin();
        if (next.isEmpty()) {
          trouble = "";
          return true;
        }
        waiting.add(next.get().taken()); // Before its files are moved: they must not be forgotten.
        taking.run(next.get());
      }
      return false;
    } catch (IOException e) {
      tell(e);
      return false;
    }
  }

  private boolean isSent() throws InterruptedException {
    while (!waiting.isEmpty()) {
      try {
        sending.send(waiting.element());
        waiting.remove();
      } catch (IOException e) {
        tell(e);
        return false;
      }
    }
    return true;
  }

  private void tell(IOException e) {
    String reason = String.valueOf(e.getMessage());
    if (!reason.equals(trouble)) {
      log.warn("what is in the spool waits: {}", reason);
      trouble = reason;
    }
  }

  /**
   * Has what is there now deposited, and no more: what comes after is left for another worker.
   *
   * @return false when that has not come to its end within the time given; it goes on
   */
  public boolean finish(Duration most) throws InterruptedException {
    closing = true;
    TimeUnit.NANOSECONDS.timedJoin(loop, most.toNanos());
    return !loop.isAlive();
  }

  @Override
  public void close() {
    closing = true;
    try {
      watch.close();
      loop.interrupt(); // It waits for others only, and touches no batch itself.
      threads.shutdown();
      threads.awaitTermination(10, TimeUnit.SECONDS);
      place.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.warn("while leaving the spool: {}", e.getMessage());
    }
  }
}
