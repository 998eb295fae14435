package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.AppendLogName;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.OpenPart;
import io.sheaf.deposit.AppendStreams;
import io.sheaf.deposit.LaneOptions;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.worker.RawClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs that are appended to over the socket. */
@Timeout(120)
final class AppendDoorTest {
  @TempDir Path directory;
  private LanesFixture fixture;
  private HttpDoor door;

  @BeforeEach
  void open() throws IOException {
    open(LanesFixture.OPTIONS, () -> new byte[0]);
  }

  private void open(LaneOptions options) throws IOException {
    open(options, () -> new byte[0]);
  }

  private void open(LaneOptions options, Supplier<byte[]> status) throws IOException {
    fixture = new LanesFixture(directory.resolve("base"), options);
    door = new HttpDoor(directory.resolve("s/w.sock"), Peers.OWN, fixture.lanes, status, 4);
  }

  @AfterEach
  void close() throws IOException {
    door.close();
    fixture.close();
  }

  private RawClient client() throws IOException {
    return new RawClient(door.path());
  }

  private static String begin(String target, String... headers) {
    StringBuilder head = new StringBuilder("POST " + target + " HTTP/1.1\r\nHost: x\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head.append("Transfer-Encoding: chunked\r\n\r\n").toString();
  }

  private static String chunk(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Integer.toHexString(bytes.length) + "\r\n" + text + "\r\n";
  }

  private static final String END = "0\r\n\r\n";

  private static long offset(Answer answer) {
    for (String line : answer.head().lines().toList()) {
      if (line.startsWith("Upload-Offset: ")) {
        return Long.parseLong(line.substring(15));
      }
    }
    return -1;
  }

  private static int entries(Answer answer) {
    for (String line : answer.head().lines().toList()) {
      if (line.startsWith("X-Sheaf-Entries: ")) {
        return Integer.parseInt(line.substring(17));
      }
    }
    return -1;
  }

  /** The final answer, after any number of others. */
  private static Answer last(RawClient client) throws IOException {
    Answer answer = client.answer();
    while (answer.status() == 104) {
      answer = client.answer();
    }
    return answer;
  }

  /** Waits until the worker has told that so much is safe. */
  private static void awaitSafe(RawClient client, long offset) throws IOException {
    Answer answer = client.answer();
    while (answer.status() == 104 && offset(answer) < offset) {
      answer = client.answer();
    }
    assertThat(answer.status()).isEqualTo(104);
  }

  private static void eventually(BooleanSupplier condition) {
    LanesFixture.eventually("it comes about", condition);
  }

  private String text(String target) throws IOException {
    return new String(fixture.content(target), StandardCharsets.UTF_8);
  }

  private static String text(Map<String, List<byte[]>> contents, String target) {
    List<byte[]> found = contents.getOrDefault(target, List.of());
    assertThat(found).as(target).hasSize(1);
    return new String(found.get(0), StandardCharsets.UTF_8);
  }

  private List<OpenPart> logs() throws IOException {
    return new Inbox(fixture.disk, fixture.base)
        .parts().stream().filter(p -> p.archive().equals(AppendLogName.PLACE)).toList();
  }

  @Test
  void aLogBecomesAnEntryAndTheConnectionGoesOn() throws IOException {
    try (RawClient client = client()) {
      client.send(
          begin("/a.zip/x/log.txt?append")
              + chunk("one\n")
              + chunk("two\n")
              + END
              + put("/a.zip/p"));
      Answer answer = last(client);
      assertThat(answer.status()).isEqualTo(201);
      assertThat(offset(answer)).isEqualTo(8);
      assertThat(entries(answer)).isEqualTo(1);
      assertThat(client.answer().status()).isEqualTo(201);
      client.send("POST /a.zip/f?append HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(last(client).status()).isEqualTo(201);
    }
    assertThat(text("a.zip/x/log.txt")).isEqualTo("one\ntwo\n");
    assertThat(text("a.zip/p")).isEqualTo("1");
    assertThat(text("a.zip/f")).isEqualTo("abc");
    eventually(() -> state().logs() == 0);
    assertThat(logs()).isEmpty();
  }

  private static String put(String path) {
    return "PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1";
  }

  private AppendStreams.State state() {
    return fixture.lanes.appends().state();
  }

  /** Who asks for a pipe and cannot take it, as through a relay, goes on with the socket. */
  @Test
  void aPipeNeedNotBeTaken() throws IOException {
    try (RawClient client = client()) {
      client.send(begin("/a.zip/log?append", "X-Sheaf-Pipe: 1", "Expect: 100-continue"));
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(100);
      assertThat(answer.head()).contains("X-Sheaf-Pipe: 1\r\n");
      client.skip(1); // What the descriptor comes with.
      client.send(chunk("one\n"));
      awaitSafe(client, 4);
      client.send(chunk("two\n") + END + put("/a.zip/p"));
      assertThat(offset(last(client))).isEqualTo(8);
      assertThat(client.answer().status()).isEqualTo(201);
      client.send(begin("/a.zip/dies?append", "X-Sheaf-Pipe: 1"));
      assertThat(client.answer().status()).isEqualTo(100);
      client.send(chunk("half\n"));
      client.skip(1);
      awaitSafe(client, 5);
    }
    eventually(() -> state().streams() == 0);
    assertThat(text("a.zip/log")).isEqualTo("one\ntwo\n");
    assertThat(text("a.zip/dies")).isEqualTo("half\n");
  }

  @Test
  void aLogWithoutAByteIsNoEntry() throws IOException {
    try (RawClient client = client()) {
      Answer answer = last(client.send(begin("/a.zip/log?append") + END));
      assertThat(answer.status()).isEqualTo(201);
      assertThat(entries(answer)).isZero();
      answer =
          last(
              client.send("POST /a.zip/f?append HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"));
      assertThat(entries(answer)).isZero();
    }
    assertThat(fixture.contents()).isEmpty();
  }

  @Test
  void tellsWhatIsSafeWithEachDurability() throws IOException {
    for (String durability : List.of("none", "write", "fsync")) {
      try (RawClient client = client()) {
        client.send(begin("/a.zip/" + durability + "?append", "X-Sheaf-Durability: " + durability));
        client.send(chunk("12345\n"));
        awaitSafe(client, 6);
        client.send(chunk("7"));
        awaitSafe(client, 7);
        assertThat(offset(last(client.send(END)))).isEqualTo(7);
      }
      assertThat(text("a.zip/" + durability)).isEqualTo("12345\n7");
    }
  }

  @Test
  void aClientThatDiesLeavesWhatItSent() throws IOException {
    try (RawClient client = client()) {
      client.send(begin("/a.zip/log?append") + chunk("half\n") + "5\r\nab");
      awaitSafe(client, 7);
    }
    eventually(() -> state().streams() == 0);
    assertThat(text("a.zip/log")).isEqualTo("half\nab");
  }

  @Test
  void segmentsAreCutAtLineFeeds() throws IOException {
    StringBuilder all = new StringBuilder();
    try (RawClient client = client()) {
      client.send(begin("/a.zip/d.x/log.txt?append&segment=100"));
      for (int i = 0; i < 50; i++) {
        String line = "line " + i + "\n";
        all.append(line);
        client.send(chunk(line));
      }
      Answer answer = last(client.send(END));
      assertThat(answer.status()).isEqualTo(201);
      Map<String, List<byte[]>> contents = fixture.contents();
      assertThat(entries(answer)).isEqualTo(contents.size()).isGreaterThan(4);
      StringBuilder joined = new StringBuilder();
      for (int n = 0; n < contents.size(); n++) {
        String name = n == 0 ? "a.zip/d.x/log.txt" : "a.zip/d.x/log." + n + ".txt";
        String part = text(contents, name);
        assertThat(part.length()).isLessThanOrEqualTo(100);
        assertThat(part).endsWith("\n");
        joined.append(part);
      }
      assertThat(joined.toString()).isEqualTo(all.toString());
    }
  }

  @Test
  void whatHasNoLineFeedIsCutAllTheSame() throws IOException {
    try (RawClient client = client()) {
      client.send(begin("/a.zip/log?append&segment=4") + chunk("0123456789") + END);
      assertThat(entries(last(client))).isEqualTo(3);
    }
    assertThat(text("a.zip/log")).isEqualTo("0123");
    assertThat(text("a.zip/log.1")).isEqualTo("4567");
    assertThat(text("a.zip/log.2")).isEqualTo("89");
  }

  @Test
  void anOldSegmentIsCutWhileTheLogGoesOn() throws IOException {
    try (RawClient client = client()) {
      client.send(begin("/a.zip/log?append&segment=5m") + chunk("whole\nhal"));
      awaitSafe(client, 9);
      fixture.clock.advance(Duration.ofMinutes(5));
      fixture.lanes.appends().state();
      fixture.lanes.tick();
      eventually(() -> fixture.lanes.status().deposits() == 1);
      assertThat(text("a.zip/log")).isEqualTo("whole\n");
      assertThat(last(client.send(chunk("f\n") + END)).status()).isEqualTo(201);
    }
    assertThat(text("a.zip/log.1")).isEqualTo("half\n");
  }

  /** Of a log that goes on a flush has the segments that have ended, and no more. */
  @Test
  void aFlushHasTheSegmentsThatHaveEnded() throws IOException {
    try (RawClient log = client();
        RawClient other = client()) {
      for (int n = 0; n < 20; n++) {
        String target = "/a.zip/log" + n + "?append&segment=4";
        log.send(begin(target) + chunk("aaaabbbbcc"));
        awaitSafe(log, 10);
        other.send("POST /_flush HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        assertThat(other.answer().status()).isEqualTo(200);
        long entries = fixture.sealed.stream().mapToLong(b -> b.manifest().entries()).sum();
        assertThat(entries).isEqualTo(3 * n + 2);
        assertThat(entries(last(log.send(END)))).isEqualTo(3);
      }
    }
  }

  @Test
  void goesOnAfterALostConnection() throws IOException {
    fixture.lanes.appends().grace(Duration.ofSeconds(10));
    String id = "X-Sheaf-Id: run-1";
    try (RawClient client = client()) {
      client.send(begin("/a.zip/log?append", id) + chunk("0123456789"));
      awaitSafe(client, 10);
    }
    try (RawClient client = client()) {
      client.send(begin("/a.zip/log?append&from=4", id) + chunk("456789abc") + END);
      Answer answer = last(client);
      assertThat(answer.status()).isEqualTo(201);
      assertThat(offset(answer)).isEqualTo(13);
      assertThat(entries(answer)).isEqualTo(1);
    }
    assertThat(text("a.zip/log")).isEqualTo("0123456789abc");
  }

  @Test
  void whatIsSentAgainAfterTheEndIsThereOnce() throws IOException {
    fixture.lanes.appends().grace(Duration.ofSeconds(10));
    String id = "X-Sheaf-Id: run-1";
    for (int i = 0; i < 2; i++) {
      try (RawClient client = client()) {
        client.send(begin("/a.zip/log?append", id) + chunk("0123456789") + END);
        Answer answer = last(client);
        assertThat(answer.status()).isEqualTo(201);
        assertThat(offset(answer)).isEqualTo(10);
      }
    }
    try (RawClient client = client()) {
      client.send(begin("/a.zip/log?append&from=8", id) + chunk("89more") + END);
      assertThat(offset(last(client))).isEqualTo(14);
    }
    assertThat(text("a.zip/log")).isEqualTo("0123456789");
    assertThat(text("a.zip/log.1")).isEqualTo("more");
  }

  /**
   * What the old connection had sent is read when another has gone on already: both are ready at
   * the same look of one event loop, which is held at the first while the other loop works.
   */
  @ParameterizedTest
  @ValueSource(strings = {"", END})
  void whatAReplacedConnectionHadUnreadDoesNotCount(String end) throws Exception {
    close();
    Gates gates = new Gates();
    open(LanesFixture.OPTIONS, gates);
    fixture.lanes.appends().grace(Duration.ofSeconds(10));
    List<RawClient> clients = List.of(client(), client(), client(), client(), client(), client());
    Map<String, List<RawClient>> byLoop = new TreeMap<>();
    for (RawClient each : clients) {
      String loop = each.send(STATUS).answer().body();
      byLoop.computeIfAbsent(loop, name -> new ArrayList<>()).add(each);
    }
    List<List<RawClient>> loops = List.copyOf(byLoop.values());
    assertThat(loops).hasSize(2).allSatisfy(all -> assertThat(all).hasSize(3));
    RawClient old = loops.get(0).get(0);
    RawClient other = loops.get(1).get(0);
    String id = "X-Sheaf-Id: run-1";
    old.send(begin("/a.zip/log?append", id) + chunk("0123"));
    awaitSafe(old, 4);

    Gates.Gate first = gates.next();
    loops.get(0).get(1).send(STATUS);
    first.awaitHeld();
    Gates.Gate second = gates.next();
    loops.get(0).get(2).send(STATUS);
    old.send(chunk("456789") + end);
    first.open();
    second.awaitHeld();
    other.send(begin("/a.zip/log?append&from=4", id) + chunk("456789abc"));
    awaitSafe(other, 13);
    second.open();
    eventually(() -> door.connections() == 5);

    Answer answer = last(other.send(END));
    assertThat(answer.status()).isEqualTo(201);
    assertThat(offset(answer)).isEqualTo(13);
    for (RawClient each : clients) {
      each.close();
    }
    assertThat(text("a.zip/log")).isEqualTo("0123456789abc");
  }

  private static final String STATUS = "GET /_status HTTP/1.1\r\nHost: x\r\n\r\n";

  /** A status that names the event loop, and holds it there when a gate was put up. */
  private static final class Gates implements Supplier<byte[]> {
    private final Queue<Gate> waiting = new ConcurrentLinkedQueue<>();

    Gate next() {
      Gate gate = new Gate();
      waiting.add(gate);
      return gate;
    }

    @Override
    public byte[] get() {
      Gate gate = waiting.poll();
      if (gate != null) {
        gate.held.countDown();
        Gate.await(gate.opened);
      }
      return Thread.currentThread().getName().getBytes(StandardCharsets.UTF_8);
    }

    private static final class Gate {
      private final CountDownLatch held = new CountDownLatch(1);
      private final CountDownLatch opened = new CountDownLatch(1);

      void awaitHeld() {
        await(held);
      }

      void open() {
        opened.countDown();
      }

      private static void await(CountDownLatch latch) {
        try {
          assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  @Test
  void theGraceEnds() throws IOException {
    fixture.lanes.appends().grace(Duration.ofSeconds(10));
    try (RawClient client = client()) {
      client.send(begin("/a.zip/log?append", "X-Sheaf-Id: a") + chunk("x"));
      awaitSafe(client, 1);
    }
    eventually(() -> door.connections() == 0);
    fixture.clock.advance(Duration.ofSeconds(11));
    eventually(
        () -> {
          fixture.lanes.tick();
          return state().streams() == 0;
        });
    assertThat(text("a.zip/log")).isEqualTo("x");
  }

  @Test
  void anotherWorkerGoesOnInAFurtherEntry() throws IOException {
    try (RawClient client = client()) {
      client.send(begin("/a.zip/l.txt?append&from=100", "X-Sheaf-Id: a") + chunk("x") + END);
      assertThat(offset(last(client))).isEqualTo(101);
      client.send(
          begin("/a.zip/l.txt?append&from=200&number=7", "X-Sheaf-Id: b") + chunk("y") + END);
      assertThat(offset(last(client))).isEqualTo(201);
    }
    assertThat(text("a.zip/l.1.txt")).isEqualTo("x");
    assertThat(text("a.zip/l.7.txt")).isEqualTo("y");
  }

  @Test
  void theEndOfTheWorkerIsOrderly() throws IOException {
    try (RawClient client = client();
        RawClient silent = client()) {
      client.send(begin("/a.zip/log?append") + chunk("kept\n"));
      awaitSafe(client, 5);
      silent.send(begin("/a.zip/none?append"));
      eventually(() -> state().streams() == 2);
      fixture.lanes.refuse("it is the end");
      fixture.lanes.appends().endAll("it is the end");
      Answer answer = last(client);
      assertThat(answer.status()).isEqualTo(503);
      assertThat(offset(answer)).isEqualTo(5);
      assertThat(answer.body()).contains("it is the end");
      assertThat(answer.head()).contains("Connection: close");
      assertThat(fixture.lanes.awaitQuiet(Duration.ofSeconds(60))).isTrue();
      assertThat(last(silent).status()).isEqualTo(503);
    }
    assertThat(text("a.zip/log")).isEqualTo("kept\n");
    eventually(() -> state().logs() == 0);
    assertThat(logs()).isEmpty();
  }

  @Test
  void refusesWhatIsNoLog() throws IOException {
    for (String target :
        List.of(
            "/a.zip/x?append&segment=banana",
            "/a.zip/x?append&segment=0",
            "/a.zip/x?append&from=-1",
            "/a.zip/x?append&other=1",
            "/a.zip/d/?append",
            "/a.zip/../x?append",
            "/x?append")) {
      try (RawClient client = client()) {
        Answer answer = last(client.send(begin(target)));
        assertThat(answer.status()).as(target).isEqualTo(400);
        assertThat(answer.body().lines()).hasSize(1);
      }
    }
    try (RawClient client = client()) {
      client.send(begin("/a.zip/x?append") + chunk("good") + "this is no size\r\n");
      assertThat(last(client).status()).isEqualTo(400);
    }
    eventually(() -> state().streams() == 0);
    assertThat(text("a.zip/x")).isEqualTo("good");
  }

  @Test
  void aLargeLogMovesToALogOfItsOwn() throws IOException {
    byte[] piece = new byte[100_000];
    new Random(7).nextBytes(piece);
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clients.add(client().send(begin("/a.zip/log" + i + "?append")));
    }
    for (int n = 0; n < 40; n++) {
      for (RawClient client : clients) {
        client.send("186a0\r\n").send(piece).send("\r\n");
      }
    }
    for (RawClient client : clients) {
      awaitSafe(client, 4_000_000);
    }
    assertThat(state().logs()).isEqualTo(4);
    for (RawClient client : clients) {
      assertThat(last(client.send(END)).status()).isEqualTo(201);
      client.close();
    }
    for (int i = 0; i < 3; i++) {
      byte[] found = fixture.content("a.zip/log" + i);
      assertThat(found).hasSize(4_000_000);
      for (int n = 0; n < 40; n++) {
        assertThat(
                java.util.Arrays.equals(found, n * 100_000, (n + 1) * 100_000, piece, 0, 100_000))
            .isTrue();
      }
    }
    eventually(() -> state().logs() == 0);
  }

  @Test
  void manyAppendAtOnce() throws IOException {
    int clients = 200;
    List<RawClient> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      all.add(client().send(begin("/a.zip/log" + i + "?append")));
    }
    for (int n = 0; n < 20; n++) {
      for (int i = 0; i < clients; i++) {
        all.get(i).send(chunk("client " + i + " line " + n + "\n"));
      }
    }
    for (RawClient client : all) {
      assertThat(last(client.send(END)).status()).isEqualTo(201);
      client.close();
    }
    Map<String, List<byte[]>> contents = fixture.contents();
    assertThat(contents).hasSize(clients);
    for (int i = 0; i < clients; i++) {
      StringBuilder wanted = new StringBuilder();
      for (int n = 0; n < 20; n++) {
        wanted.append("client ").append(i).append(" line ").append(n).append('\n');
      }
      assertThat(text(contents, "a.zip/log" + i)).isEqualTo(wanted.toString());
    }
  }

  @Test
  void aNameThatIsTakenIsRefused() throws IOException {
    close();
    open(LanesFixture.options(64, 0, true));
    try (RawClient client = client()) {
      client.send(begin("/a.zip/x?append") + chunk("1") + END);
      assertThat(last(client).status()).isEqualTo(201);
      client.send(begin("/a.zip/x?append") + chunk("2") + END);
      assertThat(last(client).status()).isEqualTo(409);
    }
    assertThat(text("a.zip/x")).isEqualTo("1");
  }

  @Test
  void aLogLongerThanAnEntryMayBeEndsThere() throws IOException {
    close();
    open(LanesFixture.options(64, 10, false));
    try (RawClient client = client()) {
      client.send(begin("/a.zip/x?append") + chunk("12345"));
      awaitSafe(client, 5);
      client.send(chunk("6789012"));
      Answer answer = last(client);
      assertThat(answer.status()).isEqualTo(413);
      assertThat(offset(answer)).isEqualTo(5);
    }
    eventually(() -> state().streams() == 0);
    assertThat(text("a.zip/x")).isEqualTo("12345");
  }

  @Test
  void expectationsAreMet() throws IOException {
    try (RawClient client = client()) {
      client.send(begin("/a.zip/x?append", "Expect: 100-continue"));
      assertThat(client.answer().status()).isEqualTo(100);
      client.send(chunk("1") + END);
      assertThat(last(client).status()).isEqualTo(201);
    }
  }
}
