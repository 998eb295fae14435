package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.deposit.LanesFixture;
import io.sheaf.worker.RawClient.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code PUT ?extract=tar}. */
@Timeout(120)
final class TarDoorTest {
  @TempDir Path directory;
  private LanesFixture fixture;
  private HttpDoor door;

  @BeforeEach
  void open() throws IOException {
    fixture = new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS);
    door =
        new HttpDoor(directory.resolve("s/w.sock"), Peers.OWN, fixture.lanes, () -> new byte[0], 2);
  }

  @AfterEach
  void close() throws IOException {
    door.close();
    fixture.close();
  }

  private static byte[] tar(int files, int size, String... more) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
      for (int i = 0; i < files; i++) {
        add(out, "d/" + i, size);
      }
      for (String name : more) {
        add(out, name, 1);
      }
    }
    return bytes.toByteArray();
  }

  private static void add(TarArchiveOutputStream out, String name, int size) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(size);
    out.putArchiveEntry(entry);
    out.write(new byte[size]);
    out.closeArchiveEntry();
  }

  private static String head(String path, String length) {
    return "PUT " + path + " HTTP/1.1\r\nHost: x\r\n" + length + "\r\n\r\n";
  }

  private static String known(byte[] body) {
    return "Content-Length: " + body.length;
  }

  @ParameterizedTest
  @CsvSource({
    "/a.zip/?extract=tar, a.zip/d/",
    "/a.zip?extract=tar, a.zip/d/",
    "/a.zip/p/q/?extract=tar.gz, a.zip/p/q/d/",
    "/a.zip/p?extract=tar.zst, a.zip/p/d/"
  })
  void goesOnWithTheConnection(String path, String first) throws IOException {
    byte[] body = tar(100, 700);
    try (RawClient client = new RawClient(door.path())) {
      client.put("/b.zip/before", "1").send(head(path, known(body))).send(body);
      client.put("/b.zip/after", "1");
      assertThat(client.answer().status()).isEqualTo(201);
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(201);
      assertThat(answer.head()).contains("X-Sheaf-Entries: 100\r\n");
      assertThat(client.answer().status()).isEqualTo(201);
    }
    assertThat(fixture.contents()).hasSize(102).containsKey(first + "0").containsKey(first + "99");
  }

  @Test
  void takesChunksOfAnySize() throws IOException {
    byte[] body = tar(300, 5_000);
    Random random = new Random(1);
    try (RawClient client = new RawClient(door.path())) {
      client.send(head("/a.zip/?extract=tar", "Transfer-Encoding: chunked"));
      for (int at = 0; at < body.length; ) {
        int n = Math.min(body.length - at, 1 + random.nextInt(60_000));
        byte[] piece = Arrays.copyOfRange(body, at, at + n);
        client.send(Integer.toHexString(n) + "\r\n").send(piece).send("\r\n");
        at += n;
      }
      client.send("0\r\n\r\n");
      assertThat(client.answer().head()).contains("201 Created", "X-Sheaf-Entries: 300\r\n");
      client.put("/b.zip/after", "1");
      assertThat(client.answer().status()).isEqualTo(201);
    }
    assertThat(fixture.contents()).hasSize(301);
    LanesFixture.eventually("memory is free", () -> fixture.lanes.memory().used() == 0);
  }

  @Test
  void namesEachRefusedMember() throws IOException {
    byte[] body = tar(3, 10, "../out", "x/../y", "good");
    try (RawClient client = new RawClient(door.path())) {
      client.send(head("/a.zip/?extract=tar", known(body))).send(body);
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(422);
      assertThat(answer.head()).contains("X-Sheaf-Entries: 4\r\n");
      assertThat(answer.body()).hasLineCount(2).contains("../out: ", "x/../y: ");
      client.put("/b.zip/after", "1");
      assertThat(client.answer().status()).isEqualTo(201);
    }
    assertThat(fixture.contents()).hasSize(5);
  }

  @ParameterizedTest
  @CsvSource({
    "/a.zip/?extract=rar, 400, extract must be tar",
    "/a.zip/?extract=tar&x=1, 400, ?x is not known",
    "/a.zip/../?extract=tar, 400, ..",
    "/nozip/?extract=tar, 400, .zip",
    "/a.zip/f?x=1, 400, %3F"
  })
  void refusesOtherQueries(String path, int status, String why) throws IOException {
    byte[] body = tar(3, 10);
    try (RawClient client = new RawClient(door.path())) {
      client.send(head(path, known(body))).send(body);
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.body()).contains(why);
      client.put("/b.zip/after", "1");
      assertThat(client.answer().status()).isEqualTo(201);
    }
    assertThat(fixture.contents()).hasSize(1);
  }

  @Test
  void aClientThatDiesLeavesWhatWasComplete() throws IOException {
    byte[] body = tar(50, 2_000);
    try (RawClient client = new RawClient(door.path())) {
      client.send(head("/a.zip/?extract=tar", known(body)));
      client.send(Arrays.copyOf(body, body.length / 2));
    }
    LanesFixture.eventually("it is seen", () -> door.connections() == 0);
    LanesFixture.eventually("memory is free", () -> fixture.lanes.memory().used() == 0);
    assertThat(fixture.contents().size()).isLessThan(50);
  }

  /** More clients than threads, and those that have one stall. */
  @Test
  void onesThatStallHoldUpNoPlainDeposits() throws IOException {
    byte[] body = tar(5, 100);
    try (RawClient one = new RawClient(door.path());
        RawClient two = new RawClient(door.path());
        RawClient three = new RawClient(door.path())) {
      for (RawClient each : new RawClient[] {one, two, three}) {
        each.send(head("/a.zip/?extract=tar", known(body)));
        each.send(Arrays.copyOf(body, 512 + 10));
      }
      try (RawClient client = new RawClient(door.path())) {
        client.put("/b.zip/x", "1");
        assertThat(client.answer().status()).isEqualTo(201);
      }
      byte[] rest = Arrays.copyOfRange(body, 512 + 10, body.length);
      for (RawClient each : new RawClient[] {one, two, three}) {
        each.send(rest);
        assertThat(each.answer().status()).isEqualTo(201);
      }
    }
    assertThat(new String(fixture.content("b.zip/x"), StandardCharsets.UTF_8)).isEqualTo("1");
  }

  @Test
  void answersAtOnceWhereNothingIsTaken() throws IOException {
    fixture.lanes.refuse("the session is being drained");
    byte[] body = tar(5, 100);
    try (RawClient client = new RawClient(door.path())) {
      client.send(head("/a.zip/?extract=tar", known(body))).send(body);
      assertThat(client.answer().status()).isEqualTo(503);
    }
  }
}
