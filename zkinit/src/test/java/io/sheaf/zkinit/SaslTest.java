package io.sheaf.zkinit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Secret;
import io.sheaf.conf.Settings;
import io.sheaf.tree.LoginContexts;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeDeniedException;
import io.sheaf.tree.TreeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(KeepsSystemProperties.class)
class SaslTest {
  private static final SessionRecord SESSION =
      new SessionRecord(1, "s", "b", "/d", new TreeMap<>(), SessionState.OPEN, 1);

  @TempDir static Path temp;
  private static EmbeddedZooKeeper server;

  @BeforeAll
  static void start() throws IOException {
    Properties sasl = new Properties();
    sasl.setProperty(
        "authProvider.sasl", "org.apache.zookeeper.server.auth.SASLAuthenticationProvider");
    sasl.setProperty("fips-mode", "false");
    // ZooKeeper reads the name of the server's login context from this alone.
    System.setProperty(
        "zookeeper.sasl.serverconfig",
        LoginContexts.shared("worker", new Secret("w0rker")).server());
    server = EmbeddedZooKeeper.builder(temp.resolve("zk")).further(sasl).start();
    System.clearProperty("zookeeper.sasl.serverconfig");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Path jaas(String text) throws IOException {
    Path file = Files.createTempFile(temp, "jaas", ".conf"); // of mode 0600
    return Files.writeString(file, text);
  }

  private static Path login(String user, String password) throws IOException {
    String example = Files.readString(Path.of("../conf/examples/jaas.conf"));
    return jaas(
        example
            .replaceAll("username=\"[^\"]*\"", "username=\"" + user + "\"")
            .replaceAll("password=\"[^\"]*\"", "password=\"" + password + "\""));
  }

  private static Tree connect(String servers, Path jaas, String root) {
    return Tree.connect(
        TreeOptions.of(
            Settings.builder()
                .option(Keys.SERVERS, servers)
                .option(Keys.CONNECT_TIMEOUT, "3s")
                .option(Keys.ROOT, root)
                .option(Keys.SASL_CONFIG, jaas.toString())
                .build()));
  }

  @Test
  void logsIn() throws IOException {
    try (Tree worker = connect(server.servers(), login("worker", "w0rker"), "/sheaf")) {
      worker.createOrJoin(SESSION);
      assertThat(worker.session("s")).contains(SESSION);
      assertThatExceptionOfType(TreeDeniedException.class)
          .isThrownBy(() -> Tree.connect(TreeOptions.open(server.servers())));
    }
  }

  @Test
  void aWrongPasswordIsToldAtOnce() throws IOException {
    Path wrong = login("worker", "guess-17");
    assertThatExceptionOfType(TreeDeniedException.class)
        .isThrownBy(() -> connect(server.servers(), wrong, "/x"))
        .withMessageContaining("does not accept the user in " + wrong)
        .withMessageNotContaining("guess");
  }

  @Test
  void neverGoesOnAsNobody() throws IOException {
    try (EmbeddedZooKeeper plain = EmbeddedZooKeeper.start(temp.resolve("plain"), 0)) {
      Path login = login("worker", "w0rker");
      assertThatExceptionOfType(TreeDeniedException.class)
          .isThrownBy(() -> connect(plain.servers(), login, "/x"));
    }
  }

  @Test
  void saysWhatIsWrongWithTheFile() throws IOException {
    bad(jaas("Server { x required; };")).withMessageContaining("no section Client");
    bad(jaas("Client {\n  org.apache.zookeeper.server.auth.DigestLoginModule guess-17;\n};"))
        .withMessageContaining("this is no JAAS file")
        .withMessageNotContaining("guess");
    bad(temp.resolve("none")).withMessageContaining("cannot read the JAAS file");
    Path open = login("worker", "w0rker");
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    bad(open).withMessageContaining("is open to others: chmod 600");
  }

  private static ThrowableAssertAlternative<ConfException> bad(Path jaas) {
    return assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> connect(server.servers(), jaas, "/x"))
        .withMessageNotContaining("\n");
  }
}
