package io.sheaf.spool;

import io.sheaf.conf.Durability;
import io.sheaf.deposit.Confined;
import io.sheaf.deposit.ConfinedFile;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.Depositor;
import io.sheaf.deposit.PickupOptions;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deposits what was taken; many files at a time, so that they are synced together. */
final class Sending {
  private static final Logger log = LoggerFactory.getLogger(Sending.class);

  /** What Java shows in place of bytes that are not of its encoding. */
  private static final char UNREADABLE = '\uFFFD';

  private final SpoolPlace place;
  private final Depositor depositor;
  private final ExecutorService threads;
  private final AtomicLong deposited = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  Sending(SpoolPlace place, Depositor depositor, ExecutorService threads) {
    this.place = place;
    this.depositor = depositor;
    this.threads = threads;
  }

  /** Files that became entries. */
  long deposited() {
    return deposited.get();
  }

  /** Files that were put aside. */
  long failed() {
    return failed.get();
  }

  /**
   * Deposits what is in a catch, then removes the catch.
   *
   * @throws IOException when some of it could not be taken now: that is still there, and the catch
   *     is to be sent again
   */
  void send(Catch taken) throws IOException, InterruptedException {
    sync(taken);
    List<Future<?>> all = new ArrayList<>();
    for (int number : taken.present(place.disk())) {
      all.add(
          threads.submit(
              () -> {
                deposit(taken, number);
                return number;
              }));
    }
    @Nullable IOException problem = null;
    for (Future<?> each : all) {
      problem = outcome(each, problem);
    }
    if (problem != null) {
      throw problem;
    }
    taken.remove(place.disk());
  }

  /**
   * Makes the moves durable, those too that an earlier worker made: an entry that outlives a power
   * failure which its file's move does not would come twice.
   */
  private void sync(Catch taken) throws IOException {
    place.disk().syncDirectory(taken.directory());
    Set<Path> from = new TreeSet<>();
    for (String name : taken.names()) {
      from.add(place.fresh().resolve(name).resolveSibling(".").normalize());
    }
    for (Path directory : from) {
      if (place.disk().stat(directory).isPresent()) {
        place.disk().syncDirectory(directory);
      }
    }
  }

  /** Waits for one, whatever became of those before. */
  private static @Nullable IOException outcome(Future<?> each, @Nullable IOException before)
      throws InterruptedException {
    try {
      Object unused = each.get();
      return before;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      return before != null ? before : cause instanceof IOException io ? io : new IOException(e);
    }
  }

  private void deposit(Catch taken, int number) throws IOException {
    String name = taken.names().get(number);
    try {
      if (name.indexOf(UNREADABLE) >= 0) {
        throw new DepositException(Kind.REFUSED, "the name is not UTF-8");
      }
      pickUp(taken, number, name);
      deposited.incrementAndGet();
    } catch (DepositException e) {
      if (!isLasting(e.kind())) {
        throw e;
      }
      putAside(taken, number, name, e);
    }
  }

  private void pickUp(Catch taken, int number, String name) throws IOException {
    PickupOptions options =
        new PickupOptions(Durability.FSYNC, true, Confined.Rules.STRICT).withId(taken.id(number));
    try (Confined in = Confined.inClosed(taken.directory(), Confined.Rules.STRICT);
        ConfinedFile file = in.open(Path.of(String.valueOf(number)))) {
      depositor.pickup(file, name, options);
    }
  }

  /** Whether the same file would fail again. */
  private static boolean isLasting(Kind kind) {
    return switch (kind) {
      case REFUSED, CONFLICT, TOO_LARGE -> true;
      case FAILED, UNAVAILABLE, NO_SPACE -> false;
    };
  }

  private void putAside(Catch taken, int number, String name, DepositException why)
      throws IOException {
    Path aside = place.failed().resolve(taken.id(number));
    log.warn("{} is not deposited, it is {} now: {}", name, aside, why.getMessage());
    String reason = "new/" + name + ": " + why.getMessage() + "\n";
    Publication.replace(
        place.disk(),
        aside.resolveSibling(aside.getFileName() + ".reason"),
        reason.getBytes(StandardCharsets.UTF_8));
    place.disk().rename(taken.file(number), aside);
    place.disk().syncDirectory(place.failed());
    failed.incrementAndGet();
  }
}
