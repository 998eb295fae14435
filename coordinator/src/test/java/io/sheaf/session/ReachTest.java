package io.sheaf.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Credentials;
import io.sheaf.conf.CredentialsFile;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.SystemDisk;
import io.sheaf.tree.Tree;
import io.sheaf.zkinit.EmbeddedZooKeeper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job's ZooKeeper may be gone, and its port another's by the time that somebody comes back. */
class ReachTest {
  private static final String SESSION = "job";

  @TempDir Path directory;
  private final SystemDisk disk = new SystemDisk();
  private final Credentials credentials = Credentials.random();
  private BaseDirectory base;
  private Settings settings;

  @BeforeEach
  void makeSession() throws IOException {
    base = BaseDirectory.create(disk, directory.resolve("base"));
    Files.createDirectories(base.openSession(SESSION));
    CredentialsFile.create(JobZooKeeper.credentials(base, SESSION), credentials);
    settings =
        Settings.builder()
            .option(Keys.SESSION, SESSION)
            .option(Keys.BASE, base.root().toString())
            .option(Keys.CONNECT_TIMEOUT, "2s")
            .build();
  }

  private Optional<Tree> found(String servers) throws IOException {
    new JobZooKeeper(JobZooKeeper.VERSION, servers, 1).write(disk, base, SESSION);
    return Reach.job(settings, disk, base, SESSION);
  }

  private EmbeddedZooKeeper.Builder server() {
    return EmbeddedZooKeeper.builder(directory.resolve("data"));
  }

  @Test
  void itsOwnServerIsFound() throws Exception {
    try (EmbeddedZooKeeper own = server().credentials(credentials).start();
        Tree tree = found(own.servers()).orElseThrow()) {
      assertThat(tree.sessions()).isEmpty();
    }
  }

  @Test
  void thatOfAnotherUserIsNotTakenForIt() throws Exception {
    try (EmbeddedZooKeeper other = server().credentials(Credentials.random()).start()) {
      assertThat(found(other.servers())).isEmpty();
    }
  }

  @Test
  void oneThatIsOpenToAllIsNotTakenForIt() throws Exception {
    try (EmbeddedZooKeeper other = server().start()) {
      assertThat(found(other.servers())).isEmpty();
    }
  }

  @Test
  void whatIsNoZooKeeperIsNotTakenForIt() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(found("127.0.0.1:" + other.getLocalPort())).isEmpty();
    }
  }

  @Test
  void noneIsFoundWhereNoneWasStarted() throws Exception {
    assertThat(Reach.job(settings, disk, base, SESSION)).isEmpty();
  }
}
