package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.Quota;
import io.sheaf.conf.QuotaRules;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.deposit.Owners;
import io.sheaf.deposit.QuotaUse;
import io.sheaf.deposit.Quotas;
import io.sheaf.worker.RawClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When a client hears that a quota is used up. */
@Timeout(60)
final class HttpQuotaTest {
  private static final int LIMIT = 1_000_000;

  @TempDir Path directory;
  private final Quotas quotas = new Quotas(new QuotaRules(LIMIT, 0, List.of()));
  private LanesFixture fixture;
  private HttpDoor door;

  @BeforeEach
  void open() throws IOException {
    fixture = new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS, quotas);
    door =
        new HttpDoor(directory.resolve("s/w.sock"), Peers.OWN, fixture.lanes, () -> new byte[0], 4);
  }

  @AfterEach
  void close() throws IOException {
    door.close();
    fixture.close();
  }

  @Test
  void beforeTheBodyWhenItsLengthIsKnown() throws IOException {
    try (RawClient client = new RawClient(door.path())) {
      client.send(
          "PUT /a.zip/x HTTP/1.1\r\nHost: x\r\nContent-Length: "
              + (LIMIT + 1)
              + "\r\nExpect: 100-continue\r\n\r\n");
      Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(507);
      assertThat(answer.body())
          .contains("quota of " + Quota.user(Owners.self()))
          .contains("uid " + Owners.self())
          .hasLineCount(1);
    }
    assertThat(fixture.contents()).isEmpty();
  }

  @Test
  void inTheMiddleOfAChunkedBodyOfWhichNothingStays() throws IOException {
    String piece = "x".repeat(100_000);
    try (RawClient client = new RawClient(door.path())) {
      client.send("PUT /a.zip/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 11; i++) {
        client.send(Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n");
      }
      assertThat(client.answer().status()).isEqualTo(507);
    }
    try (RawClient client = new RawClient(door.path())) {
      assertThat(client.put("/a.zip/y", "y".repeat(LIMIT)).answer().status()).isEqualTo(201);
    }
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/y");
    assertThat(quotas.own()).containsEntry(Quota.user(Owners.self()), new QuotaUse(LIMIT, 1));
  }
}
