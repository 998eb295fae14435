package io.sheaf.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings batches into the inbox a second time, as a queue would that delivers at least once: while
 * the first copy is there, while it is merged, or long after.
 */
final class Redelivery implements AutoCloseable {
  private static final long PAUSE_MILLIS = 100;
  private static final int KEPT = 50;

  private final Path inbox;
  private final Path store;
  private final Random random;
  private final List<Path> kept = new ArrayList<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private int delivered;
  private volatile @Nullable Throwable failure;

  Redelivery(Path base, Path store, long seed) throws IOException {
    this.inbox = base.resolve(".sheaf/inbox");
    this.store = Files.createDirectories(store);
    this.random = new Random(seed);
    this.thread = new Thread(this::run, "redelivery");
    thread.start();
  }

  private void run() {
    try {
      while (!stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        if (kept.size() < KEPT) {
          keepOne();
        }
        if (!kept.isEmpty()) {
          deliver(kept.get(random.nextInt(kept.size())));
        }
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      failure = e;
    }
  }

  private void keepOne() throws IOException {
    List<Path> batches = batches();
    if (batches.isEmpty()) {
      return;
    }
    Path batch = batches.get(random.nextInt(batches.size()));
    Path copy = store.resolve(inbox.relativize(batch));
    Files.createDirectories(copy.resolveSibling("."));
    try {
      Files.copy(batch, copy);
      kept.add(copy);
    } catch (NoSuchFileException | FileAlreadyExistsException e) {
      // Merged meanwhile, or kept already.
    }
  }

  private List<Path> batches() throws IOException {
    try (Stream<Path> files = Files.walk(inbox)) {
      return files.filter(f -> f.toString().endsWith(".zip") && Files.isRegularFile(f)).toList();
    } catch (UncheckedIOException e) {
      return List.of(); // A file went while the directory was walked.
    }
  }

  /** Under its own name if that is free, or under another. */
  private void deliver(Path copy) throws IOException {
    Path place = inbox.resolve(store.relativize(copy));
    String name = (random.nextBoolean() ? "" : "again-") + place.getFileName();
    Path hidden = place.resolveSibling(".on-its-way");
    Files.createDirectories(place.resolveSibling(".").normalize());
    Files.copy(copy, hidden);
    try {
      Files.createLink(place.resolveSibling(name), hidden);
      delivered++;
    } catch (FileAlreadyExistsException e) {
      // The other copy still waits there.
    } finally {
      Files.delete(hidden);
    }
  }

  /** How many batches came again; fails if this could not do its work. */
  int end() throws InterruptedException {
    stop.countDown();
    thread.join();
    if (failure != null) {
      throw new AssertionError("batches could not be delivered again", failure);
    }
    return delivered;
  }

  @Override
  public void close() {
    stop.countDown();
  }
}
