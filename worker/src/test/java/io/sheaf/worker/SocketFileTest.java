package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may be in the way of a socket. */
final class SocketFileTest {
  @TempDir Path directory;

  private ServerSocketChannel serve(Path socket) throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket));
  }

  @Test
  void removesTheSocketOfAWorkerThatIsGone() throws IOException {
    Path socket = directory.resolve("w.sock");
    serve(socket).close();
    assertThat(socket).exists();
    new SocketFile(socket).prepare();
    assertThat(socket).doesNotExist();
  }

  @Test
  void refusesTheSocketOfAWorkerThatLives() throws IOException {
    Path socket = directory.resolve("w.sock");
    try (ServerSocketChannel other = serve(socket)) {
      assertThat(other.isOpen()).isTrue();
      assertThatThrownBy(() -> new SocketFile(socket).prepare())
          .hasMessageContaining("a worker serves " + socket + " already");
    }
    assertThat(socket).exists();
  }

  @Test
  void leavesWhatIsNoSocket() throws IOException {
    Path file = Files.writeString(directory.resolve("w.sock"), "precious");
    assertThatThrownBy(() -> new SocketFile(file).prepare()).hasMessageContaining("not a socket");
    assertThat(file).hasContent("precious");
  }

  @Test
  void refusesAPathThatIsTooLong() {
    Path socket = directory.resolve("x".repeat(120));
    assertThatThrownBy(() -> new SocketFile(socket).prepare())
        .hasMessageContaining("can have 107")
        .hasMessageContaining("--socket");
  }
}
