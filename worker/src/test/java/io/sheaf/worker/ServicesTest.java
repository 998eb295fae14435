package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sheaf.deposit.LanesFixture;
import io.sheaf.worker.RawClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that are no deposits of a body: GET, HEAD, {@code /_pickup} and {@code /_flush}. */
@Timeout(120)
final class ServicesTest {
  @TempDir Path directory;
  private LanesFixture fixture;
  private HttpDoor door;

  @BeforeEach
  void open() throws IOException {
    fixture = new LanesFixture(directory.resolve("base"), LanesFixture.options(1, 0, false));
    door =
        new HttpDoor(directory.resolve("s/w.sock"), Peers.OWN, fixture.lanes, () -> new byte[0], 2);
  }

  @AfterEach
  void close() throws IOException {
    door.close();
    fixture.close();
  }

  private static RawClient request(RawClient client, String method, String uri, String body)
      throws IOException {
    return client.send(
        method
            + " "
            + uri
            + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  private RawClient client() throws IOException {
    return new RawClient(door.path());
  }

  /** The second archive shares a batch with others. */
  @ParameterizedTest
  @CsvSource({"a.zip", "b.zip"})
  void readsWhatIsInAnOpenBatch(String archive) throws IOException {
    try (RawClient client = client()) {
      client.put("/a.zip/first", "1");
      client.put("/" + archive + "/d/f", "old");
      client.send(
          "PUT /"
              + archive
              + "/d/f HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
              + "X-Sheaf-Mode: 750\r\nX-Sheaf-Modified: 1700000000000\r\n\r\nnew");
      for (int i = 0; i < 3; i++) {
        assertThat(client.answer().status()).isEqualTo(201);
      }
      Answer found = request(client, "GET", "/" + archive + "/d/f", "").answer();
      assertThat(found.status()).isEqualTo(200);
      assertThat(found.body()).isEqualTo("new");
      assertThat(found.head())
          .contains("X-Sheaf-Mode: 100750\r\n", "X-Sheaf-Modified: 1700000000000\r\n")
          .contains("X-Sheaf-State: open\r\n", "Content-Length: 3\r\n");
      assertThat(request(client, "GET", "/" + archive + "/d/g", "").answer().status())
          .isEqualTo(404);
      assertThat(request(client, "GET", "/" + archive + "/?list", "").answer().body())
          .contains("\"d/\"");
      assertThat(request(client, "GET", "/" + archive + "/d?list", "").answer().body())
          .contains(
              "{\"name\":\"f\",\"size\":3,\"modified\":1700000000000,\"mode\":\"100750\","
                  + "\"state\":\"open\"}");
      assertThat(request(client, "GET", "/" + archive + "/e/?list", "").answer().status())
          .isEqualTo(404);
    }
  }

  @Test
  void sendsLargeOnesInOrderAndHeadsAlone() throws IOException {
    String large = "0123456789".repeat(300_000);
    try (RawClient client = client()) {
      client.put("/a.zip/large", large);
      assertThat(client.answer().status()).isEqualTo(201);
      client.send("HEAD /a.zip/large HTTP/1.1\r\nHost: x\r\n\r\n");
      request(client, "GET", "/a.zip/large", "");
      client.put("/a.zip/next", "1");
      request(client, "GET", "/a.zip/large", "");
      client.send("HEAD /a.zip/none HTTP/1.1\r\nHost: x\r\n\r\n");
      Answer head = client.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.head()).contains("Content-Length: 3000000\r\n");
      assertThat(client.answer().body()).isEqualTo(large);
      assertThat(client.answer().status()).isEqualTo(201);
      assertThat(client.answer().body()).isEqualTo(large);
      assertThat(client.head().status()).isEqualTo(404);
      client.put("/a.zip/last", "1");
      assertThat(client.answer().status()).isEqualTo(201);
    }
  }

  /** As many as there are threads that read, and more: none of them is held by a client. */
  @Test
  void clientsThatDoNotReadHoldNobodyUp() throws IOException {
    String large = "x".repeat(4_000_000);
    RawClient[] idle = new RawClient[8];
    try (RawClient client = client()) {
      client.put("/a.zip/large", large);
      assertThat(client.answer().status()).isEqualTo(201);
      for (int i = 0; i < idle.length; i++) {
        idle[i] = request(client(), "GET", "/a.zip/large", "");
      }
      assertThat(request(client, "GET", "/a.zip/large", "").answer().body()).isEqualTo(large);
      assertThat(idle[3].answer().body()).isEqualTo(large);
    } finally {
      for (RawClient each : idle) {
        if (each != null) {
          each.close();
        }
      }
    }
  }

  @Test
  void picksUpAFileAndRemovesIt() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "contents");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L));
    try (RawClient client = client()) {
      String body = "{\"path\": \"" + file + "\", \"target\": \"a.zip/d/picked\", \"other\": 1}";
      Answer answer = request(client, "POST", "/_pickup", body).answer();
      assertThat(answer.body()).isEmpty();
      assertThat(answer.status()).isEqualTo(201);
      assertThat(file).doesNotExist();
      Path kept = Files.writeString(directory.resolve("kept"), "x".repeat(2_000_000));
      String keeping = "{\"path\": \"" + kept + "\", \"target\": \"a.zip/k\", \"remove\": false}";
      assertThat(request(client, "POST", "/_pickup", keeping).answer().status()).isEqualTo(201);
      assertThat(kept).exists();
    }
    assertThat(new String(fixture.content("a.zip/d/picked"), StandardCharsets.UTF_8))
        .isEqualTo("contents");
    assertThat(fixture.content("a.zip/k")).hasSize(2_000_000);
    assertThat(fixture.attributes("a.zip", "d/picked").mode()).isEqualTo(0100750);
    assertThat(fixture.modified("a.zip", "d/picked")).isEqualTo(1_700_000_000_000L);
  }

  @Test
  void picksUpAFileInTheRootDirectory() throws IOException {
    assumeTrue(Files.isWritable(Path.of("/")), "needs to write to /");
    Path file = Files.createTempFile(Path.of("/"), "sheaf-test-", "");
    try (RawClient client = client()) {
      Files.writeString(file, "contents");
      String body = "{\"path\": \"" + file + "\", \"target\": \"a.zip/picked\"}";
      Answer answer = request(client, "POST", "/_pickup", body).answer();
      assertThat(answer.body()).isEmpty();
      assertThat(answer.status()).isEqualTo(201);
      assertThat(file).doesNotExist();
    } finally {
      Files.deleteIfExists(file);
    }
    assertThat(fixture.content("a.zip/picked")).hasSize(8);
  }

  @Test
  void refusesToPickUpWhatIsNotTheClients() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "contents");
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    Path way = Files.createSymbolicLink(directory.resolve("way"), directory);
    Path twice = Files.writeString(directory.resolve("twice"), "contents");
    Files.createLink(directory.resolve("another name"), twice);
    try (RawClient client = client()) {
      pickupFails(client, "\"" + link + "\"", 400, "symbolic link");
      pickupFails(client, "\"" + way.resolve("file") + "\"", 400, "symbolic link");
      pickupFails(client, "\"" + twice + "\"", 400, "hard links");
      pickupFails(client, "\"" + directory + "\"", 400, "directory");
      pickupFails(client, "\"" + directory.resolve("none") + "\"", 400, "no such file");
      pickupFails(client, "\"file\"", 400, "not absolute");
      pickupFails(client, "\"/a\\u0000b\"", 400, "no path");
      pickupFails(client, "\"/caf\\udce9\"", 400, "no path");
      pickupFails(client, "\"" + file + "\", \"target\": \"a.zip/caf\\udce9\"", 400, "UTF-8");
      pickupFails(client, "\"" + file + "\", \"target\": \"a.zip/caf\\ufffd\"", 400, "UTF-8");
      pickupFails(client, "null", 400, "missing");
      pickupFails(client, "{", 400, "JSON");
      String linked = "{\"path\": \"" + link + "\", \"target\": \"a.zip/l\", \"links\": true}";
      assertThat(request(client, "POST", "/_pickup", linked).answer().status()).isEqualTo(201);
    }
    assertThat(file).doesNotExist();
    assertThat(twice).exists();
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/l");
  }

  private static void pickupFails(RawClient client, String path, int status, String why)
      throws IOException {
    String target = path.contains("target") ? "" : ", \"target\": \"a.zip/x\"";
    String body = "{\"path\": " + path + target + "}";
    Answer answer = request(client, "POST", "/_pickup", body).answer();
    assertThat(answer.body()).contains(why).hasLineCount(1);
    assertThat(answer.status()).isEqualTo(status);
  }

  @Test
  void flushesBatchesOfOneArchiveOrOfAll() throws IOException {
    try (RawClient client = client()) {
      for (String archive : new String[] {"a", "b", "c"}) {
        client.put("/" + archive + ".zip/x", "1");
        assertThat(client.answer().status()).isEqualTo(201);
      }
      assertThat(request(client, "POST", "/_flush?archive=none.zip", "").answer().body())
          .isEqualTo("{\"batches\": 0}\n");
      assertThat(fixture.sealed).isEmpty();
      Answer one = request(client, "POST", "/_flush?archive=b.zip", "").answer();
      assertThat(one.body()).isEqualTo("{\"batches\": 1}\n");
      assertThat(fixture.files()).hasSize(1);
      assertThat(fixture.sealed).extracting(b -> b.manifest().archive()).contains("b.zip", "c.zip");
      assertThat(request(client, "POST", "/_flush", "").answer().body())
          .isEqualTo("{\"batches\": 1}\n");
      assertThat(fixture.files()).hasSize(2);
      assertThat(request(client, "POST", "/_flush", "").answer().body())
          .isEqualTo("{\"batches\": 0}\n");
    }
  }

  /** A deposit that goes on holds its batch: who waits gives up in time, and it goes on. */
  @Test
  void aFlushGivesUpInTime() throws Exception {
    try (RawClient slow = client();
        RawClient client = client()) {
      slow.send("PUT /a.zip/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n");
      slow.send("x".repeat(1_500_000));
      LanesFixture.eventually("it has a batch", () -> fixture.lanes.status().open() == 1);
      Answer late = request(client, "POST", "/_flush?timeout=10ms", "").answer();
      assertThat(late.status()).isEqualTo(504);
      CompletableFuture<Answer> patient =
          CompletableFuture.supplyAsync(() -> flush(client), task -> new Thread(task).start());
      slow.send("x".repeat(500_000));
      assertThat(slow.answer().status()).isEqualTo(201);
      assertThat(patient.get(1, TimeUnit.MINUTES).body()).isEqualTo("{\"batches\": 1}\n");
    }
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/slow");
  }

  private static Answer flush(RawClient client) {
    try {
      return request(client, "POST", "/_flush", "").answer();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /_flush?wait=long, 400, published or merged",
    "POST, /_flush?timeout=soon, 400, duration",
    "POST, /_flush?archive=../x.zip, 400, ..",
    "POST, /_flush?x=1, 400, ?x is not known",
    "POST, /a.zip/x, 405, PUT deposits",
    "GET, /_nothing, 404, _status",
    "GET, /nozip, 400, .zip",
    "GET, /a.zip/x?y, 400, ?y is not known",
    "DELETE, /a.zip/x, 405, HEAD"
  })
  void refusesWhatItDoesNotKnow(String method, String uri, int status, String why)
      throws IOException {
    try (RawClient client = client()) {
      Answer answer = request(client, method, uri, "").answer();
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.body()).contains(why);
      client.put("/b.zip/after", "1");
      assertThat(client.answer().status()).isEqualTo(201);
    }
  }

  @Test
  void saysWhichProtocolItSpeaks() throws IOException {
    try (RawClient client = client()) {
      client.send("PUT /a.zip/x HTTP/1.1\r\nContent-Length: 1\r\nX-Sheaf-Protocol: 1\r\n\r\n1");
      assertThat(client.answer().status()).isEqualTo(201);
      client.send("PUT /a.zip/y HTTP/1.1\r\nContent-Length: 1\r\nX-Sheaf-Protocol: 2\r\n\r\n1");
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(505);
      assertThat(answer.body()).contains("version 1");
    }
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/x");
  }
}
