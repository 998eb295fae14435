package io.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LoggingTest {
  @Test
  void anEventIsOneLineWithTimeLevelThreadAndShortName() {
    String out = log(Map.of(), "io.sheaf.batch.BatchWriter");

    assertThat(out.lines())
        .singleElement()
        .asString()
        .matches(
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO  \\["
                + Thread.currentThread().getName()
                + "] BatchWriter - at info");
  }

  @Test
  void sheafLogsFromTheLevelThatIsAsked() {
    assertThat(log(Map.of(Logging.VARIABLE, "debug"), "io.sheaf.x")).contains("DEBUG", "INFO");
    assertThat(log(Map.of(Logging.VARIABLE, "WARN"), "io.sheaf.x")).isEmpty();
  }

  @Test
  void librariesStayQuietEvenWhenSheafDebugs() {
    assertThat(log(Map.of(Logging.VARIABLE, "debug"), "org.apache.zookeeper.ZooKeeper")).isEmpty();
  }

  @Test
  void attemptsToConnectAreNoNews() {
    assertThat(warning("org.apache.zookeeper.ClientCnxn")).isEmpty();
    assertThat(warning("org.apache.zookeeper.client.StaticHostProvider")).isEmpty();
    assertThat(warning("org.apache.zookeeper.server.Other")).contains("at warn");
  }

  @Test
  void aWrongLevelIsReportedWithTheGoodOnes() {
    assertThat(log(Map.of(Logging.VARIABLE, "loud"), "io.sheaf.x"))
        .contains("SHEAF_LOG=loud is not one of debug, info, warn; using info")
        .contains("at info")
        .doesNotContain("at debug");
  }

  /** What a logger of this name writes to standard error for an event of each level below WARN. */
  private static String log(Map<String, String> environment, String name) {
    return written(
        environment,
        loggers -> {
          loggers.getLogger(name).debug("at debug");
          loggers.getLogger(name).info("at info");
        });
  }

  private static String warning(String name) {
    return written(Map.of(), loggers -> loggers.getLogger(name).warn("at warn"));
  }

  private static String written(Map<String, String> environment, Consumer<LoggerContext> events) {
    var bytes = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      var loggers = new LoggerContext();
      loggers.setMDCAdapter(new LogbackMDCAdapter());
      new Logging(environment).configure(loggers);
      events.accept(loggers);
      loggers.stop();
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
