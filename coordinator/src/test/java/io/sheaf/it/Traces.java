package io.sheaf.it;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What coordinators do to archives, journals and ledgers, told within a fraction of a millisecond:
 * each file that comes, goes or is written.
 */
final class Traces implements AutoCloseable {
  /** Its volumes are the archive's too: {@code ar-0.zip}. */
  private static final Pattern ARCHIVE = Pattern.compile("(.*?)(-[0-9]+)?\\.zip");

  private final WatchService watcher = FileSystems.getDefault().newWatchService();
  private final Deque<String> seen = new ArrayDeque<>();

  /** The directories must be there. */
  Traces(Path base) throws IOException {
    for (String directory : new String[] {".", ".sheaf/journal", ".sheaf/ledger"}) {
      WatchKey unused =
          base.resolve(directory)
              .register(
                  watcher,
                  StandardWatchEventKinds.ENTRY_CREATE,
                  StandardWatchEventKinds.ENTRY_DELETE,
                  StandardWatchEventKinds.ENTRY_MODIFY);
    }
  }

  /** Drops what was seen so far. */
  void forget() {
    for (WatchKey key = watcher.poll(); key != null; key = watcher.poll()) {
      key.pollEvents();
      key.reset();
    }
    seen.clear();
  }

  /** Waits for some traces; the archive whose trace was the last, empty when time ran out. */
  Optional<String> await(int count, Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    String archive = "";
    for (int i = 0; i < count; i++) {
      while (seen.isEmpty()) {
        WatchKey key = watcher.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (key == null) {
          return Optional.empty();
        }
        key.pollEvents().forEach(this::see);
        key.reset();
      }
      archive = seen.remove();
    }
    return Optional.of(archive);
  }

  private void see(WatchEvent<?> event) {
    String file = String.valueOf(event.context());
    Matcher name = ARCHIVE.matcher(file);
    if (name.lookingAt()) {
      seen.add(name.group(1) + ".zip");
    }
  }

  @Override
  public void close() throws IOException {
    watcher.close();
  }
}
