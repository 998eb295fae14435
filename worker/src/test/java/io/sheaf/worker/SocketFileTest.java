package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sheaf.deposit.Owners;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    new SocketFile(socket, false).prepare();
    assertThat(socket).doesNotExist();
  }

  @Test
  void refusesTheSocketOfAWorkerThatLives() throws IOException {
    Path socket = directory.resolve("w.sock");
    try (ServerSocketChannel other = serve(socket)) {
      assertThat(other.isOpen()).isTrue();
      assertThatThrownBy(() -> new SocketFile(socket, false).prepare())
          .hasMessageContaining("a worker serves " + socket + " already");
    }
    assertThat(socket).exists();
  }

  @Test
  void leavesWhatIsNoSocket() throws IOException {
    Path file = Files.writeString(directory.resolve("w.sock"), "precious");
    assertThatThrownBy(() -> new SocketFile(file, false).prepare())
        .hasMessageContaining("not a socket");
    assertThat(file).hasContent("precious");
  }

  @Test
  void refusesAPathThatIsTooLong() {
    Path socket = directory.resolve("x".repeat(120));
    assertThatThrownBy(() -> new SocketFile(socket, false).prepare())
        .hasMessageContaining("can have 107")
        .hasMessageContaining("--socket");
  }

  @Test
  void makesADirectoryThatOthersPassOnlyWhenTheyAreLetIn() throws IOException {
    new SocketFile(directory.resolve("own/w.sock"), false).prepare();
    new SocketFile(directory.resolve("all/w.sock"), true).prepare();
    assertThat(mode("own")).isEqualTo("rwx------");
    assertThat(mode("all")).isEqualTo("rwx--x--x");
  }

  private String mode(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name)));
  }

  @ParameterizedTest
  @CsvSource({
    "rwxrwx---, false, chmod go-w",
    "rwx----w-, false, chmod go-w",
    "rwx------, true, chmod 711"
  })
  void refusesADirectoryThatIsNotSafe(String mode, boolean shared, String advice)
      throws IOException {
    Path there = Files.createDirectory(directory.resolve("d"));
    Files.setPosixFilePermissions(there, PosixFilePermissions.fromString(mode));
    assertThatThrownBy(() -> new SocketFile(there.resolve("w.sock"), shared).prepare())
        .hasMessageContaining(there.toString())
        .hasMessageContaining(advice)
        .hasMessageContaining("--socket");
  }

  @Test
  void refusesADirectoryThatIsThereForEverybody() throws IOException {
    Path sticky = Files.createDirectory(directory.resolve("tmp"));
    Files.setAttribute(sticky, "unix:mode", 01777);
    assertThatThrownBy(() -> new SocketFile(sticky.resolve("w.sock"), false).prepare())
        .hasMessageContaining("is there for everybody");
    new SocketFile(sticky.resolve("own/w.sock"), false).prepare(); // Nobody can take it away.
    Files.setAttribute(sticky, "unix:mode", 0777);
    assertThatThrownBy(() -> new SocketFile(sticky.resolve("own/w.sock"), false).prepare())
        .hasMessageContaining(sticky + " can be written by everybody");
  }

  @Test
  void refusesWhatAnotherUserMadeFirst() throws IOException {
    assumeTrue(Owners.self() == Owners.ROOT, "only root can make files of other users");
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    Files.setAttribute(theirs, "unix:uid", 65_534);
    assertThatThrownBy(() -> new SocketFile(theirs.resolve("w.sock"), false).prepare())
        .hasMessageContaining("belongs to another user (uid 65534)");
    Path ours = Files.createDirectory(directory.resolve("ours"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), ours);
    new SocketFile(link.resolve("w.sock"), false).prepare();
    Files.setAttribute(link, "unix:uid", 65_534, LinkOption.NOFOLLOW_LINKS);
    assertThatThrownBy(() -> new SocketFile(link.resolve("w.sock"), false).prepare())
        .hasMessageContaining(link + " is a symbolic link that another user made");
  }
}
