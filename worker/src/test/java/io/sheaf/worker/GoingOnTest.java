package io.sheaf.worker;

import static io.sheaf.deposit.LanesFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.AppendOptions;
import io.sheaf.deposit.AppendStream;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.deposit.SegmentRule;
import io.sheaf.deposit.SocketDepositor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs whose connection is lost, and that go on over the next one. */
@Timeout(120)
final class GoingOnTest {
  @TempDir Path directory;

  private LanesFixture fixture(String name) throws IOException {
    LanesFixture fixture = new LanesFixture(directory.resolve(name), LanesFixture.OPTIONS);
    fixture.lanes.appends().grace(Duration.ofSeconds(10));
    return fixture;
  }

  private HttpDoor open(LanesFixture fixture) throws IOException {
    return new HttpDoor(directory.resolve("s/w"), Peers.OWN, fixture.lanes, () -> new byte[0], 4);
  }

  private SocketDepositor connect(String resendTime) throws IOException {
    Map<String, String> options =
        Map.of(
            Keys.SOCKET.name(),
            directory.resolve("s/w").toString(),
            Keys.RESEND_TIME.name(),
            resendTime,
            Keys.RESEND_TRIES.name(),
            "1000");
    return SocketDepositor.connect(Settings.builder().options(options).build());
  }

  private static byte[] line(int n) {
    return ("line " + n + " " + "x".repeat(n % 90) + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** All entries of a log, by their number. */
  private static byte[] joined(Map<String, List<byte[]>> contents) {
    TreeMap<Integer, byte[]> parts = new TreeMap<>();
    contents.forEach(
        (name, found) -> {
          assertThat(found).as(name).hasSize(1);
          String number = name.replaceAll("\\D", "");
          parts.put(number.isEmpty() ? 0 : Integer.parseInt(number), found.get(0));
        });
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.values().forEach(all::writeBytes);
    return all.toByteArray();
  }

  @Test
  void aConnectionIsCutAgainAndAgain() throws IOException {
    cut(SegmentRule.NONE, 1);
  }

  @Test
  void aLogOfSegmentsIsCutOff() throws IOException {
    cut(SegmentRule.parse("200K"), 2);
  }

  private void cut(SegmentRule rule, int least) throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed of the cuts: " + seed);
    Random random = new Random(seed);
    ByteArrayOutputStream wanted = new ByteArrayOutputStream();
    try (LanesFixture fixture = fixture("base");
        HttpDoor door = open(fixture);
        SocketDepositor to = connect("10m")) {
      AppendStream log = to.append("a.zip/log", AppendOptions.DEFAULT.withRule(rule));
      for (int i = 0; i < 40_000; i++) {
        byte[] line = line(i);
        wanted.writeBytes(line);
        log.write(line);
        if (random.nextInt(100) == 0) {
          log.flush();
        }
        if (random.nextInt(2_000) == 0) {
          door.disconnectAll();
        }
      }
      log.close();
      assertThat(log.unsafe()).isEmpty();
      Map<String, List<byte[]>> contents = fixture.contents();
      assertThat(contents).hasSizeGreaterThanOrEqualTo(least);
      assertThat(joined(contents)).isEqualTo(wanted.toByteArray());
    }
  }

  /** The worker ends in order, and says that all is in entries: nothing is there twice. */
  @Test
  void anotherWorkerGoesOn() throws IOException {
    ByteArrayOutputStream wanted = new ByteArrayOutputStream();
    LanesFixture first = fixture("base1");
    HttpDoor door = open(first);
    try (LanesFixture second = fixture("base2");
        SocketDepositor to = connect("10m")) {
      AppendStream log = to.append("a.zip/log", AppendOptions.DEFAULT);
      write(log, 0, 3_000, wanted);
      first.lanes.refuse("it stops");
      first.lanes.appends().endAll("it stops");
      eventually("all is in entries", () -> first.lanes.appends().count() == 0);
      write(log, 3_000, 6_000, wanted);
      byte[] before = joined(first.contents());
      door.close();
      first.close();
      write(log, 6_000, 9_000, wanted);
      try (HttpDoor next = open(second)) {
        write(log, 9_000, 12_000, wanted);
        log.close();
        assertThat(next.connections()).isNotNegative();
        Map<String, List<byte[]>> after = second.contents();
        assertThat(after).hasSize(1).doesNotContainKey("a.zip/log");
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(before);
        all.writeBytes(joined(after));
        assertThat(all.toByteArray()).isEqualTo(wanted.toByteArray());
      }
    }
  }

  private static void write(AppendStream log, int from, int to, ByteArrayOutputStream wanted)
      throws IOException {
    for (int i = from; i < to; i++) {
      byte[] line = line(i);
      wanted.writeBytes(line);
      log.write(line);
    }
    log.flush();
  }

  @Test
  void whatIsNotSafeIsThereWhenItGivesUp() throws IOException {
    try (LanesFixture fixture = fixture("base")) {
      HttpDoor door = open(fixture);
      try (SocketDepositor to = connect("50ms")) {
        AppendStream log = to.append("a.zip/log", AppendOptions.DEFAULT);
        log.write("safe\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(log.awaitSafe(Duration.ofSeconds(60))).isTrue();
        door.close();
        log.write("not\n".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(log::close)
            .isInstanceOf(DepositException.class)
            .hasMessageContaining("4 bytes are not known to be kept");
        assertThat(log.safe()).isEqualTo(5);
        assertThat(log.unsafe()).asString(StandardCharsets.US_ASCII).isEqualTo("not\n");
      }
    }
  }

  @Test
  void aLogThatWaitsGivesUpOnlyWhenItIsClosed() throws IOException {
    try (LanesFixture fixture = fixture("base")) {
      HttpDoor door = open(fixture);
      try (SocketDepositor to = connect("1ms")) {
        AppendStream log = to.append("a.zip/log", AppendOptions.DEFAULT.withWaits(true));
        AppendStream impatient = to.append("a.zip/other", AppendOptions.DEFAULT);
        door.close();
        assertThatThrownBy(() -> impatient.awaitSafe(writeOne(impatient)))
            .isInstanceOf(DepositException.class);
        log.write('x');
        try (HttpDoor next = open(fixture)) {
          assertThat(log.awaitSafe(Duration.ofSeconds(60))).isTrue();
          assertThat(next.connections()).isPositive();
        }
        log.write('y');
        assertThatThrownBy(log::close).isInstanceOf(DepositException.class);
        assertThat(log.unsafe()).isEqualTo(new byte[] {'y'});
      }
    }
  }

  private static Duration writeOne(AppendStream log) throws IOException {
    log.write('x');
    return Duration.ofSeconds(60);
  }

  @Test
  void aRefusalIsNotTriedAgain() throws IOException {
    try (LanesFixture fixture =
            new LanesFixture(directory.resolve("base"), LanesFixture.options(4, 100, false));
        HttpDoor door = open(fixture);
        SocketDepositor to = connect("10m")) {
      AppendStream log = to.append("a.zip/log", AppendOptions.DEFAULT);
      log.write(new byte[200]);
      assertThatThrownBy(log::close)
          .isInstanceOfSatisfying(
              DepositException.class,
              e -> assertThat(e.kind()).isEqualTo(DepositException.Kind.TOO_LARGE));
      assertThat(door.connections()).isNotNegative();
    }
  }
}
