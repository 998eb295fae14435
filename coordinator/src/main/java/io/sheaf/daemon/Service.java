package io.sheaf.daemon;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A process that runs for long, as its system sees it. Close it last. */
public final class Service implements AutoCloseable {
  private final Settings settings;
  private final Optional<ServiceManager> manager;
  private final @Nullable PidFile pidFile;
  private final AtomicBoolean stopping = new AtomicBoolean();

  private Service(Settings settings, Optional<ServiceManager> manager, @Nullable PidFile pidFile) {
    this.settings = settings;
    this.manager = manager;
    this.pidFile = pidFile;
  }

  /**
   * Writes the pid file, if there is to be one.
   *
   * @param role as {@code %(role)s}
   * @throws IOException when another process has the pid file
   */
  public static Service open(String role, Settings settings, Disk disk) throws IOException {
    Optional<String> pidFile = settings.find(Keys.PIDFILE);
    @Nullable PidFile file =
        pidFile.isEmpty() ? null : PidFile.create(disk, Names.path(pidFile.get(), settings, role));
    return new Service(settings, ServiceManager.of(settings), file);
  }

  /**
   * Says that the process is registered and serves, to whoever waits for that.
   *
   * @param line for a person
   * @param facts for a program, by name
   */
  public void ready(String line, Map<String, String> facts) {
    manager.ifPresent(m -> m.tell("READY=1\nSTATUS=" + oneLine(line)));
    Map<String, String> all = new TreeMap<>(facts);
    all.put("line", line);
    settings.variable(Readiness.VARIABLE).ifPresent(pipe -> Readiness.tell(pipe, all));
  }

  /** Says what the process does now. */
  public void status(String line) {
    manager.ifPresent(m -> m.tell("STATUS=" + oneLine(line)));
  }

  /** Says that the process is about to end, however long that takes. */
  public void stopping(String line) {
    if (stopping.compareAndSet(false, true)) {
      manager.ifPresent(ServiceManager::stopping);
    }
    status(line);
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }

  @Override
  public void close() {
    manager.ifPresent(ServiceManager::close);
    if (pidFile != null) {
      pidFile.close();
    }
  }
}
