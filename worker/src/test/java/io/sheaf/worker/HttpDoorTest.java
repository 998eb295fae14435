package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.sheaf.batch.Compression;
import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.LaneOptions;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.worker.RawClient.Answer;
import io.sheaf.zip.Attributes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** HTTP on the socket, byte by byte. */
@Timeout(120)
final class HttpDoorTest {
  private static final ListAppender<ILoggingEvent> LEAKS = new ListAppender<>();

  @TempDir Path directory;
  private LanesFixture fixture;
  private HttpDoor door;

  @BeforeAll
  static void watchForLeaks() {
    System.setProperty("io.netty.leakDetection.level", "paranoid");
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    LEAKS.start();
    leakLog().addAppender(LEAKS);
  }

  /** Leaks show when what leaked is collected and the next buffer is made. */
  @AfterAll
  static void findLeaks() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      PooledByteBufAllocator.DEFAULT.directBuffer(100).release();
    }
    leakLog().detachAppender(LEAKS);
    assertThat(LEAKS.list).isEmpty();
  }

  private static Logger leakLog() {
    return (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
  }

  @BeforeEach
  void open() throws IOException {
    open(LanesFixture.OPTIONS, 4);
  }

  private void open(LaneOptions options, int uploads) throws IOException {
    fixture = new LanesFixture(directory.resolve("base"), options);
    byte[] status = "{}\n".getBytes(StandardCharsets.UTF_8);
    door =
        new HttpDoor(
            directory.resolve("s/w.sock"), Peers.OWN, fixture.lanes, () -> status, uploads);
  }

  @AfterEach
  void close() throws IOException {
    door.close();
    fixture.close();
  }

  private RawClient client() throws IOException {
    return new RawClient(door.path());
  }

  private static String text(Map<String, List<byte[]>> contents, String target) {
    List<byte[]> found = contents.getOrDefault(target, List.of());
    assertThat(found).as(target).hasSize(1);
    return new String(found.get(0), StandardCharsets.UTF_8);
  }

  @Test
  void makesItsDirectoryForThisUserAlone() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("s"))))
        .isEqualTo("rwx------");
  }

  @Test
  void answersPipelinedRequestsInTheirOrder() throws IOException {
    try (RawClient client = client()) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 500; i++) {
        String path = i % 7 == 3 ? "/nozip/" + i : "/a" + i % 5 + ".zip/" + i;
        all.append("PUT ").append(path).append(" HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
        all.append("%03d".formatted(i));
      }
      client.send(all.toString());
      for (int i = 0; i < 500; i++) {
        assertThat(client.answer().status()).as("request " + i).isEqualTo(i % 7 == 3 ? 400 : 201);
      }
    }
    Map<String, List<byte[]>> contents = fixture.contents();
    assertThat(contents).hasSize(500 - 71);
    assertThat(text(contents, "a4.zip/499")).isEqualTo("499");
  }

  @Test
  void takesRequestsThatArriveByteByByte() throws IOException {
    try (RawClient client = client()) {
      String request = "PUT /a.zip/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
      for (byte b : (request + request.replace("/x", "/y")).getBytes(StandardCharsets.UTF_8)) {
        client.send(new byte[] {b});
      }
      assertThat(client.answer().status()).isEqualTo(201);
      assertThat(client.answer().status()).isEqualTo(201);
    }
    assertThat(text(fixture.contents(), "a.zip/y")).isEqualTo("hello");
  }

  @Test
  void takesChunkedBodies() throws IOException {
    try (RawClient client = client()) {
      client.send("PUT /a.zip/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      client.send("5\r\nhello\r\n1;note=1\r\n \r\n5\r\nworld\r\n0\r\nTrailer: y\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(201);
      client.send("PUT /a.zip/big HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 40; i++) {
        client.send("10000\r\n" + "x".repeat(65_536) + "\r\n");
      }
      client.send("0\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(201);
      client.put("/a.zip/after", "next");
      assertThat(client.answer().status()).isEqualTo(201);
    }
    Map<String, List<byte[]>> contents = fixture.contents();
    assertThat(text(contents, "a.zip/x")).isEqualTo("hello world");
    assertThat(text(contents, "a.zip/big")).hasSize(40 * 65_536);
    assertThat(text(contents, "a.zip/after")).isEqualTo("next");
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100_000, 3_000_000})
  void keepsNothingOfABodyThatIsCutOff(int sent) throws IOException {
    try (RawClient client = client()) {
      client.put("/a.zip/before", "1");
      client.send("PUT /a.zip/cut HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n");
      client.send("x".repeat(sent));
      assertThat(client.answer().status()).isEqualTo(201);
    }
    LanesFixture.eventually("the connection ends", () -> door.connections() == 0);
    assertThat(fixture.lanes.awaitQuiet(Duration.ofSeconds(60))).isTrue();
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/before");
    LanesFixture.eventually("memory is free", () -> fixture.lanes.memory().used() == 0);
  }

  @Test
  void keepsNothingOfAChunkedBodyThatIsCutOff() throws IOException {
    try (RawClient client = client()) {
      client.send("PUT /a.zip/cut HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      client.send("5\r\nhello\r\n").endOutput();
      assertThat(client.isEnded()).isTrue();
    }
    assertThat(fixture.contents()).isEmpty();
  }

  @Test
  void answersAClientThatHasEndedItsSide() throws IOException {
    try (RawClient client = client()) {
      client.put("/a.zip/x", "1").endOutput();
      assertThat(client.answer().status()).isEqualTo(201);
      assertThat(client.isEnded()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "//a.zip/x|absolute",
        "/a.zip//x|absolute",
        "/a.zip/../x|..",
        "/../a.zip/x|..",
        "/a.zip/x/%2e%2e/y|..",
        "/a.zip/x%00y|NUL",
        "/a.zip/x%5Cy|backslash",
        "/a.zip/x\\y|backslash",
        "/|empty",
        "/a.zip|no entry",
        "/a.zip/|empty",
        "/a/b|.zip",
        "/.sheaf/a.zip/x|.sheaf",
        "/a.zip/%|two hex digits",
        "/a.zip/%4|two hex digits",
        "/a.zip/%zz|two hex digits",
        "/a.zip/%ff%fe|UTF-8",
        "/a.zip/%C0%AF|UTF-8",
        "/a.zip/caf%E9|UTF-8",
        "/a.zip/caf%EF%BF%BD|UTF-8",
        "/a.zip/%ED%B3%A9|UTF-8",
        "/caf%E9.zip/x|UTF-8",
        "/a.zip/x?y=1|%3F",
        "/a.zip/x#y|%23",
        "a.zip/x|slash"
      })
  void refusesNamesWithTheReason(String path, String reason) throws IOException {
    try (RawClient client = client()) {
      client.put(path, "content");
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains(reason).endsWith("\n").hasLineCount(1);
      assertThat(answer.head()).contains("text/plain");
      client.put("/a.zip/good", "1");
      assertThat(client.answer().status()).isEqualTo(201);
    }
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/good");
  }

  @Test
  void refusesANameThatIsTooLongWithTheReason() throws IOException {
    try (RawClient client = client()) {
      client.put("/a.zip/" + "%41".repeat(Target.MAX_ENTRY_BYTES), "1");
      assertThat(client.answer().status()).isEqualTo(201);
      client.put("/a.zip/" + "n".repeat(65_536), "1");
      assertThat(client.answer().body()).contains("65536 bytes");
      client.put("/a.zip/" + "n".repeat(600_000), "1");
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("too long");
      assertThat(answer.head()).contains("Connection: close");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/a.zip/with%20space|a.zip/with space",
        "/a.zip/100%25|a.zip/100%",
        "/a.zip/gr%C3%BCn|a.zip/grün",
        "/a.zip/grün|a.zip/grün",
        "/a.zip/q%3F%23|a.zip/q?#",
        "http://localhost/a.zip/x|a.zip/x",
        "/d/e.zip/f.zip/g|d/e.zip/f.zip/g"
      })
  void readsNames(String path, String target) throws IOException {
    try (RawClient client = client()) {
      client.put(path, "1");
      assertThat(client.answer().status()).isEqualTo(201);
    }
    assertThat(fixture.contents()).containsOnlyKeys(target);
  }

  @Test
  void saysWhenToSendABody() throws IOException {
    try (RawClient client = client()) {
      String head = " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
      client.send("PUT /a.zip/x" + head);
      assertThat(client.answer().status()).isEqualTo(100);
      client.send("ok");
      assertThat(client.answer().status()).isEqualTo(201);
      client.send("PUT /nozip" + head);
      Answer refused = client.answer();
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.head()).contains("Connection: close");
    }
    try (RawClient client = client()) {
      client.send("PUT /a.zip/y HTTP/1.1\r\nExpect: tea\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(417);
    }
  }

  @Test
  void servesItsStatusAndNothingElse() throws IOException {
    try (RawClient client = client()) {
      client.send("GET /_status HTTP/1.1\r\nHost: x\r\n\r\n");
      Answer status = client.answer();
      assertThat(status.status()).isEqualTo(200);
      assertThat(status.body()).isEqualTo("{}\n");
      client.send("GET /a.zip/x HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(404);
      client.send("DELETE /a.zip/x HTTP/1.1\r\nHost: x\r\n\r\n");
      Answer refused = client.answer();
      assertThat(refused.status()).isEqualTo(405);
      assertThat(refused.head()).contains("Allow: PUT, GET");
      client.send("POST /a.zip/x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(client.answer().status()).isEqualTo(405);
      client.put("/a.zip/x", "1");
      assertThat(client.answer().status()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "PUT /a.zip/x y HTTP/1.1\r\n\r\n",
        "PUT /a.zip/x HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "PUT /a.zip/x HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        "PUT /a.zip/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
      })
  void refusesWhatIsNoRequest(String bytes) throws IOException {
    try (RawClient client = client()) {
      client.send(bytes);
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.head()).contains("Connection: close");
      assertThat(client.isEnded()).isTrue();
    }
    assertThat(fixture.contents()).isEmpty();
  }

  @Test
  void readsItsOwnHeaders() throws IOException {
    try (RawClient client = client()) {
      String modified = "X-Sheaf-Modified: 1500000000000\r\n";
      String durability = "X-Sheaf-Durability: fsync\r\n";
      client.send("PUT /a.zip/x HTTP/1.1\r\n" + durability + modified + "\r\n");
      assertThat(client.answer().status()).isEqualTo(201);
      client.send("PUT /a.zip/y HTTP/1.1\r\nX-Sheaf-Durability: much\r\n\r\n");
      assertThat(client.answer().body()).contains("none, write or fsync");
      client.send("PUT /a.zip/y HTTP/1.1\r\nX-Sheaf-Modified: today\r\n\r\n");
      assertThat(client.answer().body()).contains("milliseconds");
    }
    assertThat(fixture.modified("a.zip", "x")).isEqualTo(1_500_000_000_000L);
  }

  @Test
  void closesWhenAsked() throws IOException {
    try (RawClient client = client()) {
      client.send(
          "PUT /a.zip/x HTTP/1.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1"
              + "PUT /a.zip/never HTTP/1.1\r\nContent-Length: 1\r\n\r\n1");
      assertThat(client.answer().head()).contains("Connection: close");
      assertThat(client.isEnded()).isTrue();
    }
    try (RawClient client = client()) {
      client.send("PUT /a.zip/old HTTP/1.0\r\nContent-Length: 1\r\n\r\n1");
      assertThat(client.answer().status()).isEqualTo(201);
      assertThat(client.isEnded()).isTrue();
    }
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/x", "a.zip/old");
  }

  @Test
  void answersALargeBodyThatItDoesNotWantAtOnce() throws IOException {
    close();
    open(LanesFixture.options(64, 1_000_000, false), 4);
    try (RawClient client = client()) {
      client.send("PUT /a.zip/x HTTP/1.1\r\nContent-Length: 99000000\r\n\r\n" + "x".repeat(50_000));
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.head()).contains("Connection: close");
    }
    try (RawClient client = client()) {
      client.send("PUT /a.zip/x HTTP/1.1\r\nContent-Length: 1000001\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(413);
      client.send("x".repeat(1_000_001)).put("/a.zip/y", "1");
      assertThat(client.answer().status()).isEqualTo(201);
    }
  }

  @Test
  void uploadsWaitForEachOtherButNotSmallOnes() throws IOException {
    close();
    open(LanesFixture.options(4, 0, false), 1);
    String head = " HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n";
    try (RawClient slow = client();
        RawClient waiting = client();
        RawClient quick = client()) {
      slow.send("PUT /a.zip/slow" + head).send("x".repeat(1_500_000));
      CompletableFuture<Answer> second =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return waiting
                      .send("PUT /a.zip/second" + head)
                      .send("y".repeat(3_000_000))
                      .answer();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              },
              task -> new Thread(task).start());
      for (int i = 0; i < 20; i++) {
        quick.put("/b" + i + ".zip/x", "1");
        assertThat(quick.answer().status()).isEqualTo(201);
      }
      slow.send("x".repeat(1_500_000));
      assertThat(slow.answer().status()).isEqualTo(201);
      assertThat(second.join().status()).isEqualTo(201);
    }
    assertThat(fixture.contents()).hasSize(22);
  }

  @Test
  void takesMoreThanItsMemoryFromManyClients() throws IOException {
    close();
    open(scarce(8, 200_000), 2);
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (int c = 0; c < 12; c++) {
      String archive = "/a" + c % 3 + ".zip/" + c + "-";
      clients.add(
          CompletableFuture.runAsync(() -> putMany(archive), task -> new Thread(task).start()));
    }
    clients.forEach(CompletableFuture::join);
    assertThat(fixture.contents()).hasSize(12 * 40);
    LanesFixture.eventually("memory is free", () -> fixture.lanes.memory().used() == 0);
  }

  @Test
  void uploadsThatWaitTakeNoMoreMemoryThanThereIs() throws IOException {
    close();
    open(scarce(8, 1 << 20), 1);
    long most = 0;
    try (RawClient slow = client()) {
      slow.send("PUT /a.zip/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n");
      List<CompletableFuture<Void>> clients = new ArrayList<>();
      Executor threads = task -> new Thread(task).start();
      for (int c = 0; c < 20; c++) {
        String target = "/a.zip/" + c;
        clients.add(CompletableFuture.runAsync(() -> putLarge(target), threads));
      }
      CompletableFuture<Void> all =
          CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new));
      LanesFixture.eventually("memory is short", () -> fixture.lanes.memory().isOver());
      slow.send("x".repeat(2_000_000));
      while (!all.isDone()) {
        most = Math.max(most, fixture.lanes.memory().used());
        Thread.onSpinWait();
      }
      all.join();
      assertThat(slow.answer().status()).isEqualTo(201);
    }
    assertThat(most).isLessThan(20 << 20);
    assertThat(fixture.contents()).hasSize(21);
  }

  private void putLarge(String target) {
    try (RawClient client = client()) {
      client.put(target, "z".repeat(3_000_000));
      assertThat(client.answer().status()).isEqualTo(201);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static LaneOptions scarce(int maxOpen, long memory) {
    return new LaneOptions(
        Compression.STORED,
        Duration.ofMinutes(5),
        256L << 20,
        60_000,
        Durability.WRITE,
        maxOpen,
        memory,
        0,
        false);
  }

  private void putMany(String archive) {
    try (RawClient client = client()) {
      CompletableFuture<Void> sender =
          CompletableFuture.runAsync(
              () -> {
                try {
                  for (int i = 0; i < 40; i++) {
                    client.put(archive + i, "z".repeat(50_000 + i));
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              },
              task -> new Thread(task).start());
      for (int i = 0; i < 40; i++) {
        assertThat(client.answer().status()).isEqualTo(201);
      }
      sender.join();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void saysThatItStops() throws IOException {
    try (RawClient client = client()) {
      client.put("/a.zip/x", "1");
      assertThat(client.answer().status()).isEqualTo(201);
      fixture.lanes.refuse("the session is being drained");
      client.put("/a.zip/y", "1");
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.body()).isEqualTo("the session is being drained\n");
      assertThat(answer.head()).contains("Retry-After");
    }
  }

  private Answer putWith(RawClient client, String path, String headers, String body)
      throws IOException {
    client.send(
        "PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n");
    for (String header : headers.split("; ", -1)) {
      client.send("X-Sheaf-" + header + "\r\n");
    }
    return client.send("\r\n" + body).answer();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/a.zip/f  | Mode: 755                     | 100755 | -1   | -1",
        "/a.zip/f  | Mode: 0100600                 | 100600 | -1   | -1",
        "/a.zip/f  | Mode: 4755; Owner: 1000:100   | 104755 | 1000 | 100",
        "/a.zip/f  | Owner: 4294967294:0           | 100644 | -2   | 0",
        "/a.zip/d/ | Mode: 40700                   | 40700  | -1   | -1",
        "/a.zip/d/ | Mode: 700                     | 40700  | -1   | -1",
        "/a.zip/d/ | Modified: 0                   | 40755  | -1   | -1"
      })
  void keepsModeAndOwner(String path, String headers, String mode, int uid, int gid)
      throws IOException {
    try (RawClient client = client()) {
      String body = path.endsWith("/") ? "" : "body";
      assertThat(putWith(client, path, headers, body).status()).isEqualTo(201);
    }
    assertThat(fixture.attributes("a.zip", path.substring(7)))
        .isEqualTo(new Attributes(Integer.parseInt(mode, 8), uid, gid));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/a.zip/f  | Mode: 9             | octal",
        "/a.zip/f  | Mode: 1100644       | octal",
        "/a.zip/f  | Mode: -1            | octal",
        "/a.zip/f  | Mode: 10644         | only files, directories and symbolic links",
        "/a.zip/f  | Mode: 40755         | must end in /",
        "/a.zip/f  | Mode: 120777        | symlinks=false",
        "/a.zip/f  | Owner: root         | UID:GID",
        "/a.zip/f  | Owner: 0            | UID:GID",
        "/a.zip/f  | Owner: 0:           | UID:GID",
        "/a.zip/f  | Owner: 1:4294967296 | UID:GID",
        "/a.zip/d/ | Mode: 100644        | for a directory",
        "/a.zip/d/ | Mode: 40755         | no contents",
        "/a.zip/f  | Id: a b             | X-Sheaf-Id",
        "/a.zip/f  | Id:                 | X-Sheaf-Id"
      })
  void refusesKindsAndHeadersThatCannotBe(String path, String headers, String why)
      throws IOException {
    try (RawClient client = client()) {
      Answer answer = putWith(client, path, headers, "body");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains(why);
      client.put("/a.zip/next", "1");
      assertThat(client.answer().status()).isEqualTo(201);
    }
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/next");
  }

  @Test
  void takesSymbolicLinksWhereTheSessionDoes() throws IOException {
    close();
    open(LanesFixture.linking(), 4);
    try (RawClient client = client()) {
      assertThat(putWith(client, "/a.zip/l", "Mode: 120777", "../target").status()).isEqualTo(201);
      assertThat(putWith(client, "/a.zip/e", "Mode: 120777", "").status()).isEqualTo(400);
      String long5 = "x".repeat(5_000);
      assertThat(putWith(client, "/a.zip/m", "Mode: 120777", long5).status()).isEqualTo(400);
      assertThat(putWith(client, "/a.zip/l/", "Mode: 120777", "").status()).isEqualTo(400);
    }
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/l");
    assertThat(fixture.attributes("a.zip", "l")).isEqualTo(Attributes.of(0120777));
  }

  /** With duplicates=error a name is refused that is taken, unless the same deposit comes again. */
  @Test
  void knowsADepositThatIsSentAgain() throws IOException {
    close();
    open(LanesFixture.options(64, 0, true), 4);
    try (RawClient client = client()) {
      assertThat(putWith(client, "/a.zip/x", "Id: one", "1").status()).isEqualTo(201);
      assertThat(putWith(client, "/a.zip/x", "Id: one", "1").status()).isEqualTo(201);
      assertThat(putWith(client, "/a.zip/x", "Id: two", "1").status()).isEqualTo(409);
      assertThat(putWith(client, "/a.zip/x", "Modified: 0", "1").status()).isEqualTo(409);
      assertThat(putWith(client, "/a.zip/d/", "Modified: 0", "").status()).isEqualTo(201);
      assertThat(putWith(client, "/a.zip/d/", "Modified: 0", "").status()).isEqualTo(201);
      assertThat(putWith(client, "/a.zip/y", "Modified: 0", "1").status()).isEqualTo(201);
      assertThat(putWith(client, "/a.zip/y", "Id: one", "1").status()).isEqualTo(409);
    }
    Map<String, List<byte[]>> contents = fixture.contents();
    assertThat(contents).containsOnlyKeys("a.zip/x", "a.zip/d/", "a.zip/y");
    assertThat(contents.get("a.zip/x")).hasSize(2);
    try (RawClient client = client()) { // The batch is closed: its names are free.
      assertThat(putWith(client, "/a.zip/x", "Id: two", "1").status()).isEqualTo(201);
    }
  }
}
