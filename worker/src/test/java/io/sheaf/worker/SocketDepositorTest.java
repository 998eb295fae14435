package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.Depositor;
import io.sheaf.deposit.DepositorContract;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.deposit.SocketDepositor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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

  @Test
  void connectsAgainAfterTheWorkerWasReplaced() throws IOException {
    LanesFixture fixture =
        closeLater(new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS));
    HttpDoor first =
        new HttpDoor(directory.resolve("s/w"), Peers.OWN, fixture.lanes, () -> new byte[0], 4);
    SocketDepositor to = closeLater(SocketDepositor.connect(first.path()));
    to.deposit("a.zip/1", new byte[1], DepositOptions.DEFAULT);
    first.close();
    assertThatThrownBy(() -> to.deposit("a.zip/2", new byte[1], DepositOptions.DEFAULT))
        .isInstanceOfSatisfying(
            DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    closeLater(
        new HttpDoor(directory.resolve("s/w"), Peers.OWN, fixture.lanes, () -> new byte[0], 4));
    to.deposit("a.zip/3", new byte[1], DepositOptions.DEFAULT);
    assertThat(fixture.contents()).containsOnlyKeys("a.zip/1", "a.zip/3");
  }

  @Test
  void saysThatNoWorkerServesTheSocket() {
    Path socket = directory.resolve("nobody.sock");
    assertThatThrownBy(() -> SocketDepositor.connect(socket))
        .isInstanceOf(DepositException.class)
        .hasMessageContaining("no worker serves " + socket);
  }
}
