package io.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggingTest {
  @TempDir Path directory;

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

  @Test
  void aFileIsRotatedBySizeAndSoManyAreKept() throws Exception {
    Path file = directory.resolve("a (b) {c}.log");
    var loggers = new LoggerContext();
    loggers.setMDCAdapter(new LogbackMDCAdapter());
    new Logging(Map.of()).configure(loggers);
    Logging.toFile(loggers, file, 1_000, 2);
    var logger = loggers.getLogger("io.sheaf.x");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    int n = 0;
    // Logback looks at the size only now and then.
    while (Files.notExists(Path.of(file + ".2")) || !Files.readString(file).contains(" 99,")) {
      n = (n + 1) % 100;
      logger.info("line {}, which has some length", n);
      assertThat(System.nanoTime()).as("rotated in time").isLessThan(end);
    }
    loggers.stop();
    assertThat(Path.of(file + ".1")).exists();
    assertThat(Path.of(file + ".3")).doesNotExist();
    assertThat(Files.size(Path.of(file + ".1"))).isGreaterThan(1_000);
  }

  @Test
  void aFileThatCannotBeWrittenIsRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> Logging.toFile(file.resolve("log"), 1_000, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
    assertThatThrownBy(() -> Logging.toFile(directory.resolve("50%.log"), 1_000, 1))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("percent");
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
