package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.deposit.Owners;
import io.sheaf.deposit.SocketDepositor;
import io.sheaf.worker.RawClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in. That the kernel tells other users apart is the matter of PeersIT. */
@Timeout(60)
final class PeersTest {
  private static final int STRANGER = 7_654_321;

  @TempDir Path directory;

  private static Peers peers(Key<?> key, String names) {
    return Accounts.peers(Settings.builder().option(key, names).build());
  }

  @Test
  void letsInItsOwnUserAndRootAlone() {
    assertThat(Peers.OWN.allow(Owners.self(), STRANGER)).isTrue();
    assertThat(Peers.OWN.allow(Owners.ROOT, STRANGER)).isTrue();
    assertThat(Peers.OWN.allow(STRANGER, 0)).isFalse();
    assertThat(Peers.OWN.areMany()).isFalse();
  }

  @Test
  void letsInUsersByNameAndNumber() {
    Peers peers = peers(Keys.ALLOW_USERS, "bin, " + STRANGER);
    assertThat(peers.allow(2, STRANGER)).isTrue();
    assertThat(peers.allow(STRANGER, 0)).isTrue();
    assertThat(peers.allow(STRANGER + 1, STRANGER)).isFalse();
    assertThat(peers.areMany()).isTrue();
  }

  @Test
  void letsInWhoHasTheGroupAsPrimaryOne() {
    Peers peers = peers(Keys.ALLOW_GROUPS, "bin," + STRANGER);
    assertThat(peers.allow(STRANGER, 2)).isTrue();
    assertThat(peers.allow(STRANGER, STRANGER)).isTrue();
    assertThat(peers.allow(STRANGER, STRANGER + 1)).isFalse();
  }

  @Test
  void refusesNamesThatNobodyHas() {
    assertThatThrownBy(() -> peers(Keys.ALLOW_USERS, "root,no-such-user"))
        .isInstanceOf(ConfException.class)
        .hasMessageContaining("allow_users (from --allow-users): no user is named no-such-user");
    assertThatThrownBy(() -> peers(Keys.ALLOW_GROUPS, "no-such-group"))
        .hasMessageContaining("no group is named no-such-group");
    assertThatThrownBy(() -> peers(Keys.ALLOW_USERS, "a,,b"))
        .hasMessageContaining("names or numbers with commas between them");
  }

  @Test
  void answersOthersWithOneLineAndTakesNothing() throws IOException {
    Peers nobody = new Peers(Set.of(), Set.of(), false);
    try (LanesFixture fixture = new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS);
        HttpDoor door =
            new HttpDoor(
                directory.resolve("s/w.sock"), nobody, fixture.lanes, () -> new byte[0], 4)) {
      try (RawClient client = new RawClient(door.path())) {
        client.put("/a.zip/1", "one");
        Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body())
            .contains("uid " + Owners.self() + " may not deposit here")
            .hasLineCount(1);
      }
      try (RawClient client = new RawClient(door.path())) {
        assertThat(client.send("GET /_status HTTP/1.1\r\n\r\n").answer().status()).isEqualTo(403);
        assertThat(client.isEnded()).isTrue();
      }
      try (SocketDepositor to = SocketDepositor.connect(door.path())) {
        assertThatThrownBy(() -> to.deposit("a.zip/3", new byte[1], DepositOptions.DEFAULT))
            .isInstanceOfSatisfying(
                DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
      }
      assertThat(fixture.contents()).isEmpty();
    }
  }
}
