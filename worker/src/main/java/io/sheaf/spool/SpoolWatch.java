package io.sheaf.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when there may be something new. The kernel tells at once of what happens on this machine;
 * for what it does not tell (other nodes, too many directories) somebody has to look now and then.
 */
final class SpoolWatch implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(SpoolWatch.class);

  private final Path root;
  private final WatchService service;
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private boolean limited;

  SpoolWatch(Path root) throws IOException {
    this.root = root;
    this.service = root.getFileSystem().newWatchService();
  }

  /** Watches the directories that are there now. To be called before it is looked what is new. */
  void follow() throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            watch(directory);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE; // Gone meanwhile, or another user's.
          }
        });
  }

  private void watch(Path directory) {
    WatchKey known = watched.get(directory);
    if (known != null && known.isValid()) {
      return;
    }
    try {
      watched.put(directory, directory.register(service, StandardWatchEventKinds.ENTRY_CREATE));
    } catch (IOException e) {
      if (!limited) {
        limited = true;
        log.info("not all of {} is watched, it is looked at instead: {}", root, e.getMessage());
      }
    }
  }

  /** Waits until something happens, but not longer than that. */
  void await(Duration most) throws InterruptedException {
    WatchKey key = service.poll(most.toNanos(), TimeUnit.NANOSECONDS);
    while (key != null) {
      key.pollEvents(); // Which it was does not matter.
      key.reset();
      key = service.poll();
    }
    watched.values().removeIf(each -> !each.isValid());
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
