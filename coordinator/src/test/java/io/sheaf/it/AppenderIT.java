package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import io.sheaf.logback.SheafAppender;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** A service logs into an archive through Logback, while its worker is killed, or stands still. */
@Tag("cluster")
class AppenderIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int KILLS = 4;

  @TempDir Path directory;
  private final LoggerContext context = new LoggerContext();

  @AfterEach
  void stop() {
    context.stop();
  }

  private Logger configured(Path socket, String more) throws Exception {
    String xml =
        """
        <configuration>
          <appender name="SHEAF" class="io.sheaf.logback.SheafAppender">
            <target>logs.zip/service.log</target>
            <socket>%s</socket>
            <stopTimeout>2m</stopTimeout>
            %s
            <encoder><pattern>%%msg%%n</pattern></encoder>
          </appender>
          <root level="info"><appender-ref ref="SHEAF"/></root>
        </configuration>
        """
            .formatted(socket, more);
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    return context.getLogger("service");
  }

  private SheafAppender appender() {
    return (SheafAppender) context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("SHEAF");
  }

  @Test
  void noEventIsLostWhenTheWorkerIsKilled() throws Exception {
    String[] options = {"--rotate-interval", "1s"};
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      Running coordinator = cluster.coordinator("--rotate-interval", "1s", "--salvage-grace", "1s");
      Running worker = cluster.worker(0, options);
      Logger log = configured(cluster.socket(0), "");
      int lines = 0;
      for (int kill = 0; kill < KILLS; kill++) {
        for (int i = 0; i < 1_000; i++) {
          log.info("event {}", lines++);
        }
        eventually("some are safe", PATIENCE, () -> appender().getUnsafe() < 1_000);
        for (int i = 0; i < 1_000; i++) {
          log.info("event {}", lines++);
        }
        worker.kill();
        worker = cluster.worker(0, options);
      }
      context.stop();
      assertThat(cluster.drain().await(PATIENCE)).isIn(0, 3);
      assertThat(coordinator.await(PATIENCE)).isIn(0, 3);
      Set<String> missing = new TreeSet<>();
      for (int i = 0; i < lines; i++) {
        missing.add("event " + i);
      }
      logged(cluster.base()).forEach(missing::remove);
      assertThat(missing).isEmpty();
    }
  }

  @Test
  void whoLogsDoesNotWaitForAWorkerThatStandsStill() throws Exception {
    try (Cluster cluster = new Cluster(directory)) {
      cluster.zookeeper();
      Running coordinator = cluster.coordinator();
      Running worker = cluster.worker(0);
      Logger log = configured(cluster.socket(0), "<maxBuffer>1M</maxBuffer>");
      log.info("first");
      eventually("it is safe", PATIENCE, () -> appender().getUnsafe() == 0);
      worker.stop();
      String text = "x".repeat(1_000);
      for (int i = 0; i < 20_000; i++) {
        log.info("{} {}", text, i);
      }
      long dropped = appender().getDropped();
      assertThat(dropped).isPositive();
      worker.resume();
      context.stop();
      cluster.drain().endsWith(0, PATIENCE);
      coordinator.endsWith(0, PATIENCE);
      List<String> lines = logged(cluster.base());
      assertThat(lines).startsWith("first").endsWith(text + " 19999");
      assertThat(lines.stream().filter(line -> line.endsWith(" log events were dropped here]")))
          .isNotEmpty();
      assertThat(lines.stream().filter(line -> line.startsWith("x")))
          .hasSize((int) (20_000 - dropped));
    }
  }

  private static List<String> logged(Path base) throws Exception {
    StringBuilder all = new StringBuilder();
    try (ZipFile zip = new ZipFile(base.resolve("logs.zip").toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        assertThat(entry.getName()).startsWith("service.");
        all.append(new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
        all.append('\n');
      }
    }
    return all.toString().lines().filter(line -> !line.isEmpty()).toList();
  }
}
