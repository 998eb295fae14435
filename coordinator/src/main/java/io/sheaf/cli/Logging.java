package io.sheaf.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up logging in code, so that no command parses XML at its start: one line an event on
 * standard error, Sheaf's own from the level that {@code SHEAF_LOG} names ({@code debug}, {@code
 * info} or {@code warn}; {@code info} when it is not set), those of the libraries from WARN.
 *
 * <p>Logback finds this class as a service when the first logger is asked for. A command that logs
 * nothing never loads it.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  static final String VARIABLE = "SHEAF_LOG";
  private static final String LINE =
      "%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\"} %-5level [%thread] %logger{0} - %msg%n";

  /** So often a log file's size is looked at: it is larger by what is logged meanwhile. */
  private static final int LOOK_AT_SIZE_MILLIS = 100;

  private static final Map<String, Level> LEVELS =
      Map.of("debug", Level.DEBUG, "info", Level.INFO, "warn", Level.WARN);

  private final Map<String, String> environment;

  /** For the service loader: reads the environment of the process. */
  public Logging() {
    this(System.getenv());
  }

  Logging(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public ExecutionStatus configure(LoggerContext loggers) {
    String name = environment.getOrDefault(VARIABLE, DefaultLogLevel.get());
    Level level = LEVELS.get(name.toLowerCase(Locale.ROOT));
    loggers.getLogger("io.sheaf").setLevel(level == null ? Level.INFO : level);
    // ZooKeeper has logged secrets at INFO (CVE-2026-24308): its loggers never go below WARN.
    var root = loggers.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(standardError(loggers));
    // They warn at every start of what Sheaf has chosen: connections without a limit, and a
    // patience that is longer than the session timeout.
    loggers.getLogger("org.apache.zookeeper.server.ServerCnxnFactory").setLevel(Level.ERROR);
    loggers.getLogger("org.apache.curator.CuratorZookeeperClient").setLevel(Level.ERROR);
    // With ZooKeeper away the client tells each attempt with a stack trace, and Curator each
    // operation; Sheaf itself says once that it is away and once that it is back.
    loggers.getLogger("org.apache.zookeeper.ClientCnxn").setLevel(Level.OFF);
    loggers.getLogger("org.apache.zookeeper.server.NIOServerCnxn").setLevel(Level.ERROR);
    loggers.getLogger("org.apache.zookeeper.client.StaticHostProvider").setLevel(Level.OFF);
    loggers.getLogger("org.apache.curator.ConnectionState").setLevel(Level.OFF);
    if (level == null) {
      loggers
          .getLogger(Logging.class)
          .warn("{}={} is not one of debug, info, warn; using info", VARIABLE, name);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /**
   * Logs to a file from now on, and not to standard error any more.
   *
   * @param maxBytes a file that is larger is renamed FILE.1, that one FILE.2 ...
   * @param count how many of these are kept
   * @throws IOException when the file cannot be written
   */
  static void toFile(Path file, long maxBytes, int count) throws IOException {
    if (file.toString().indexOf('%') >= 0) {
      // Logback takes it for a pattern when it renames the file, and knows no way around.
      throw new UsageException(file + ": a log file's path cannot have a percent sign in it");
    }
    if (file.getParent() != null) {
      Files.createDirectories(file.getParent());
    }
    // Logback would only tell its own status list that it cannot.
    Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext loggers) {
      toFile(loggers, file, maxBytes, count);
    }
  }

  static void toFile(LoggerContext loggers, Path file, long maxBytes, int count) {
    var root = loggers.getLogger(Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(rolling(loggers, file, maxBytes, count));
  }

  private static RollingFileAppender<ILoggingEvent> rolling(
      LoggerContext loggers, Path file, long maxBytes, int count) {
    var appender = new RollingFileAppender<ILoggingEvent>();
    appender.setFile(file.toString());
    var names = new FixedWindowRollingPolicy();
    names.setContext(loggers);
    names.setParent(appender);
    names.setFileNamePattern(file + ".%i");
    names.setMaxIndex(count);
    names.start();
    var size = new SizeBasedTriggeringPolicy<ILoggingEvent>();
    size.setContext(loggers);
    size.setMaxFileSize(new FileSize(maxBytes));
    size.setCheckIncrement(Duration.buildByMilliseconds(LOOK_AT_SIZE_MILLIS));
    size.start();
    appender.setContext(loggers);
    appender.setEncoder(encoder(loggers));
    appender.setRollingPolicy(names);
    appender.setTriggeringPolicy(size);
    appender.start();
    return appender;
  }

  private static PatternLayoutEncoder encoder(LoggerContext loggers) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(loggers);
    encoder.setPattern(LINE);
    encoder.start();
    return encoder;
  }

  private static ConsoleAppender<ILoggingEvent> standardError(LoggerContext loggers) {
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(loggers);
    appender.setTarget(ConsoleTarget.SystemErr.getName());
    appender.setEncoder(encoder(loggers));
    appender.start();
    return appender;
  }
}
