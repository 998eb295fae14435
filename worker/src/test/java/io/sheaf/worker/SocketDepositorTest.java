package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.Depositor;
import io.sheaf.deposit.DepositorContract;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.deposit.PickupOptions;
import io.sheaf.deposit.SocketDepositor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Deposits over the socket. */
final class SocketDepositorTest extends DepositorContract {
  private HttpDoor door(LanesFixture fixture) throws IOException {
    return closeLater(
        new HttpDoor(
            directory.resolve("s/w.sock"), Peers.OWN, fixture.lanes, () -> new byte[0], 4));
  }

  @Override
  protected Depositor depositor(LanesFixture fixture) throws IOException {
    return SocketDepositor.connect(door(fixture).path());
  }

  @Test
  void sendsManyBeforeTheFirstAnswer() throws IOException {
    LanesFixture fixture =
        closeLater(new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS));
    SocketDepositor to = closeLater(SocketDepositor.connect(door(fixture).path()));
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      ByteBuffer contents = ByteBuffer.allocate(Integer.BYTES).putInt(0, i);
      answers.add(to.depositAsync("a" + i % 3 + ".zip/" + i, contents, DepositOptions.DEFAULT));
    }
    answers.forEach(CompletableFuture::join);
    assertThat(fixture.contents()).hasSize(2_000);
    assertThat(ByteBuffer.wrap(fixture.content("a1.zip/1999")).getInt()).isEqualTo(1_999);
  }

  private HttpDoor open(LanesFixture fixture) throws IOException {
    return new HttpDoor(directory.resolve("s/w"), Peers.OWN, fixture.lanes, () -> new byte[0], 4);
  }

  private SocketDepositor connect(Path socket, String resendTime) throws IOException {
    return closeLater(
        SocketDepositor.connect(
            Settings.builder()
                .options(
                    Map.of(
                        Keys.SOCKET.name(),
                        socket.toString(),
                        Keys.RESEND_TIME.name(),
                        resendTime,
                        Keys.RESEND_TRIES.name(),
                        "1000"))
                .build()));
  }

  @Test
  void failsAtOnceAndConnectsAgainWhereNothingIsResent() throws IOException {
    LanesFixture fixture =
        closeLater(new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS));
    HttpDoor first = open(fixture);
    SocketDepositor to = connect(first.path(), "0s");
    to.deposit("a.zip/1", new byte[1], DepositOptions.DEFAULT);
    first.close();
    assertThatThrownBy(() -> to.deposit("a.zip/2", new byte[1], DepositOptions.DEFAULT))
        .isInstanceOfSatisfying(
            DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    closeLater(open(fixture));
    to.deposit("a.zip/3", new byte[1], DepositOptions.DEFAULT);
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/1", "a.zip/3");
  }

  @Test
  void waitsForAWorkerThatComesBack() throws Exception {
    LanesFixture fixture =
        closeLater(new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS));
    HttpDoor first = open(fixture);
    SocketDepositor to = connect(first.path(), "10m");
    to.deposit("a.zip/1", new byte[1], DepositOptions.DEFAULT);
    first.close();
    CompletableFuture<Void> second =
        CompletableFuture.runAsync(() -> deposit(to, "a.zip/2"), task -> new Thread(task).start());
    closeLater(open(fixture));
    second.get(1, TimeUnit.MINUTES);
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/1", "a.zip/2");
  }

  private static void deposit(SocketDepositor to, String target) {
    try {
      to.deposit(target, new byte[1], DepositOptions.DEFAULT);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Clients are cut off again and again, with answers on their way. */
  @Test
  void sendsAgainWhatWasNotAnswered() throws Exception {
    LanesFixture fixture =
        closeLater(new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS));
    HttpDoor door = closeLater(open(fixture));
    SocketDepositor to = connect(door.path(), "10m");
    AtomicInteger cuts = new AtomicInteger();
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      ByteBuffer contents = ByteBuffer.allocate(500).putInt(0, i);
      answers.add(
          to.depositAsync("a.zip/" + i, contents, DepositOptions.DEFAULT)
              .whenComplete(
                  (done, failure) -> {
                    if (cuts.incrementAndGet() % 100 == 0) {
                      door.disconnectAll();
                    }
                  }));
      contents.putInt(0, -1); // Its buffer is the caller's again.
    }
    for (CompletableFuture<Void> answer : answers) {
      answer.get(2, TimeUnit.MINUTES);
    }
    Map<String, List<byte[]>> contents = fixture.contents();
    assertThat(contents).hasSize(3_000);
    int copies = 0;
    for (int i = 0; i < 3_000; i++) {
      List<byte[]> found = contents.getOrDefault("a.zip/" + i, List.of());
      copies += found.size();
      for (byte[] each : found) {
        assertThat(ByteBuffer.wrap(each).getInt()).isEqualTo(i);
      }
    }
    System.out.println("deposits that were sent again after they were taken: " + (copies - 3_000));
  }

  /** A file can be read again, and its stream is cut off as soon as the worker has some of it. */
  @Test
  void sendsALargeFileFromItsBeginning() throws Exception {
    LanesFixture fixture =
        closeLater(new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS));
    HttpDoor door = closeLater(open(fixture));
    SocketDepositor to = connect(door.path(), "10m");
    byte[] bytes = new byte[40 << 20];
    new Random(1).nextBytes(bytes);
    Path large = Files.write(directory.resolve("large"), bytes);
    CompletableFuture<Void> cutter =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 3; i++) {
                LanesFixture.eventually("it comes", () -> fixture.lanes.memory().used() > 0);
                door.disconnectAll();
                LanesFixture.eventually("it is cut", () -> door.connections() == 0);
              }
            },
            task -> new Thread(task).start());
    to.pickup(large, "a.zip/large", PickupOptions.KEEP);
    cutter.cancel(false);
    assertThat(fixture.contents().get("a.zip/large"))
        .isNotEmpty()
        .allMatch(c -> Arrays.equals(c, bytes));
  }

  @Test
  void givesUpInTime() throws IOException {
    LanesFixture fixture =
        closeLater(new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS));
    HttpDoor door = open(fixture);
    SocketDepositor to = connect(door.path(), "50ms");
    to.deposit("a.zip/1", new byte[1], DepositOptions.DEFAULT);
    door.close();
    assertThatThrownBy(() -> to.deposit("a.zip/2", new byte[1], DepositOptions.DEFAULT))
        .isInstanceOf(DepositException.class)
        .hasMessageContaining("worker");
  }

  @Test
  void saysThatNoWorkerServesTheSocket() {
    Path socket = directory.resolve("nobody.sock");
    assertThatThrownBy(() -> SocketDepositor.connect(socket))
        .isInstanceOf(DepositException.class)
        .hasMessageContaining("no worker serves " + socket);
  }
}
