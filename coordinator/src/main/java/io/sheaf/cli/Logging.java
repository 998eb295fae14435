package io.sheaf.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;

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

  private static ConsoleAppender<ILoggingEvent> standardError(LoggerContext loggers) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(loggers);
    encoder.setPattern(LINE);
    encoder.start();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(loggers);
    appender.setTarget(ConsoleTarget.SystemErr.getName());
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }
}
