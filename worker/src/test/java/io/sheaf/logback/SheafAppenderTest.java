package io.sheaf.logback;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.status.Status;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.worker.DoorFixture;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** A service's log, configured as services configure it. */
@Timeout(120)
final class SheafAppenderTest {
  @TempDir Path directory;
  private DoorFixture door;
  private LoggerContext context;

  @BeforeEach
  void open() throws IOException {
    door = new DoorFixture(directory, LanesFixture.OPTIONS);
    context = new LoggerContext();
  }

  @AfterEach
  void close() throws IOException {
    context.stop();
    door.close();
  }

  private Logger configured(String target, String... more) throws JoranException {
    String xml =
        """
        <configuration>
          <appender name="SHEAF" class="io.sheaf.logback.SheafAppender">
            <target>%s</target>
            <socket>%s</socket>
            %s
            <encoder><pattern>%%level %%msg%%n</pattern></encoder>
          </appender>
          <root level="info"><appender-ref ref="SHEAF"/></root>
        </configuration>
        """
            .formatted(target, door.socket(), String.join("\n", more));
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    return context.getLogger("test");
  }

  private SheafAppender appender() {
    return (SheafAppender) context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("SHEAF");
  }

  private List<String> errors() {
    List<String> errors = new ArrayList<>();
    for (Status each : context.getStatusManager().getCopyOfStatusList()) {
      if (each.getLevel() == Status.ERROR) {
        errors.add(each.getMessage());
      }
    }
    return errors;
  }

  private String log(String target) throws IOException {
    return new String(door.lanes.content(target), StandardCharsets.UTF_8);
  }

  @Test
  void aLogIsAnEntryWhenItIsStopped() throws Exception {
    Logger log = configured("logs.zip/app.log");
    log.info("one");
    log.debug("left out");
    log.warn("zwei ü");
    context.stop();
    assertThat(log("logs.zip/app.log")).isEqualTo("INFO one\nWARN zwei ü\n");
    assertThat(errors()).isEmpty();
  }

  @Test
  void eventsReachTheWorkerWhileTheServiceRuns() throws Exception {
    Logger log = configured("logs.zip/app.log", "<segment>30</segment>");
    for (int i = 0; i < 10; i++) {
      log.info("line {}", i);
    }
    LanesFixture.eventually(
        "segments are entries", () -> door.lanes.lanes.status().deposits() >= 1);
    context.stop();
    StringBuilder all = new StringBuilder();
    Map<String, List<byte[]>> contents = door.lanes.contents();
    assertThat(contents).hasSizeGreaterThan(1);
    for (int i = 0; i < contents.size(); i++) {
      all.append(log("logs.zip/app" + (i == 0 ? "" : "." + i) + ".log"));
    }
    assertThat(all.toString().lines())
        .hasSize(10)
        .startsWith("INFO line 0")
        .endsWith("INFO line 9");
  }

  @Test
  void waitsForAWorkerThatIsNotThereYet() throws Exception {
    door.shut();
    Logger log = configured("logs.zip/app.log");
    log.info("early");
    LanesFixture.eventually("it is told", () -> !errors().isEmpty());
    assertThat(errors().get(0)).contains("logs.zip/app.log");
    door.reopen();
    context.stop();
    assertThat(log("logs.zip/app.log")).isEqualTo("INFO early\n");
  }

  @Test
  void goesOnWhenTheWorkerReturns() throws Exception {
    Logger log = configured("logs.zip/app.log", "<stopTimeout>1m</stopTimeout>");
    log.info("one");
    LanesFixture.eventually("it is sent", () -> appenderIsIdle());
    door.shut();
    log.info("two");
    LanesFixture.eventually("the loss is told", () -> !errors().isEmpty());
    log.info("three");
    door.reopen();
    context.stop();
    StringBuilder all = new StringBuilder();
    for (Map.Entry<String, List<byte[]>> each : door.lanes.contents().entrySet()) {
      assertThat(each.getKey()).matches("logs[.]zip/app([.]again-[a-z0-9]+-1)?[.]log");
      each.getValue().forEach(bytes -> all.append(new String(bytes, StandardCharsets.UTF_8)));
    }
    assertThat(all.toString().lines().distinct())
        .containsExactlyInAnyOrder("INFO one", "INFO two", "INFO three");
  }

  private boolean appenderIsIdle() {
    return appender().getUnsafe() == 0;
  }

  @Test
  void dropsAndSaysSo() throws Exception {
    door.shut();
    Logger log = configured("logs.zip/app.log", "<maxBuffer>2000</maxBuffer>");
    for (int i = 0; i < 1_000; i++) {
      log.info("line {}", i);
    }
    assertThat(appender().getDropped()).isBetween(900L, 999L);
    long dropped = appender().getDropped();
    door.reopen();
    context.stop();
    List<String> lines = log("logs.zip/app.log").lines().toList();
    assertThat(lines).contains("[sheaf: " + dropped + " log events were dropped here]");
    assertThat(lines).endsWith("INFO line 999");
    assertThat(lines).hasSize((int) (1_000 - dropped + 1));
  }

  @Test
  void raisesAnErrorForEachEventThatGoes() throws Exception {
    door.shut();
    Logger log =
        configured("logs.zip/app.log", "<maxBuffer>100</maxBuffer>", "<overflow>raise</overflow>");
    log.info("kept");
    log.info("gone");
    log.info("gone too");
    assertThat(errors().stream().filter(each -> each.contains("overflow=raise"))).hasSize(2);
    assertThat(appender().getDropped()).isEqualTo(2);
    door.reopen();
    context.stop();
    assertThat(log("logs.zip/app.log")).isEqualTo("INFO kept\n");
  }

  @Test
  void tellsWhatIsNotSafeAtTheEnd() throws Exception {
    door.shut();
    Logger log = configured("logs.zip/app.log", "<stopTimeout>1s</stopTimeout>");
    log.info("one");
    context.stop();
    door.reopen();
    assertThat(door.lanes.contents()).isEmpty();
  }

  @Test
  void wrongSettingsAreToldAndLeaveItOff() throws Exception {
    Logger log = configured("logs/app.log");
    log.info("nowhere");
    assertThat(errors()).anyMatch(each -> each.contains("logs/app.log") && each.contains(".zip"));
    assertThat(appender().isStarted()).isFalse();
    context.reset();
    configured("logs.zip/app.log", "<overflow>never</overflow>");
    assertThat(errors()).anyMatch(each -> each.contains("block, drop or raise"));
  }
}
