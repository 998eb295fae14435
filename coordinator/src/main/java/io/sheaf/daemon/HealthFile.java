package io.sheaf.daemon;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file for who cannot ask the process, as the health check of a container: its first line is
 * {@code ok}, or why the work cannot be done, and it is written anew every 5 s. One that is much
 * older tells that the process hangs or is gone. It is no record, so it is never synced, and a
 * failure to write it is logged once and harms nothing.
 */
public final class HealthFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthFile.class);
  private static final long SECONDS = 5;

  private final @Nullable Path file;
  private final Supplier<String> trouble;
  private final ScheduledExecutorService writer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "health");
            thread.setDaemon(true);
            return thread;
          });
  private boolean complained;

  private HealthFile(@Nullable Path file, Supplier<String> trouble) {
    this.file = file;
    this.trouble = trouble;
  }

  /**
   * The one that the settings name; without one nothing is written.
   *
   * @param role as {@code %(role)s}
   * @param trouble must not wait; empty for none
   */
  public static HealthFile open(Settings settings, String role, Supplier<String> trouble) {
    @Nullable Path file =
        settings.find(Keys.HEALTH_FILE).map(t -> Names.path(t, settings, role)).orElse(null);
    return new HealthFile(file, trouble);
  }

  /** Writes it from now on, by a thread of its own. */
  public void start() {
    Path to = file;
    if (to != null) {
      ScheduledFuture<?> unused =
          writer.scheduleWithFixedDelay(() -> write(to), 0, SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Not by way of an empty file: somebody may read it at any moment. */
  private void write(Path to) {
    String reason = trouble.get();
    byte[] line =
        ((reason.isEmpty() ? "ok" : reason.replaceAll("\\s+", " ")) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    try (RandomAccessFile out = new RandomAccessFile(to.toFile(), "rw")) {
      out.write(line);
      out.setLength(line.length);
      complained = false;
    } catch (IOException e) {
      if (!complained) {
        complained = true;
        LOG.warn("the health file cannot be written: {}", e.getMessage());
      }
    }
  }

  /** Ends the writing, and removes the file: who has left is not well. */
  @Override
  public void close() {
    writer.shutdownNow();
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.debug("{} stays behind: {}", file, e.getMessage());
      }
    }
  }
}
