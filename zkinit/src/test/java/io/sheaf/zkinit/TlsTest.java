package io.sheaf.zkinit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeDeniedException;
import io.sheaf.tree.TreeException;
import io.sheaf.tree.TreeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(KeepsSystemProperties.class)
class TlsTest {
  private static final SessionRecord SESSION =
      new SessionRecord(1, "s", "b", "/d", new TreeMap<>(), SessionState.OPEN, 1);

  @TempDir static Path temp;
  private static Certificates certificates;
  private static EmbeddedZooKeeper server;

  @BeforeAll
  static void start() throws Exception {
    certificates = Certificates.make(temp.resolve("certificates"));
    server = EmbeddedZooKeeper.builder(temp.resolve("zk")).secure(certificates.server()).start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Settings.Builder client(String name) {
    return certificates.client(server.servers(), name);
  }

  private static Tree connect(Settings.Builder settings) {
    return Tree.connect(TreeOptions.of(settings.build()));
  }

  @Test
  void servesWhoHasACertificate() {
    try (Tree coordinator = connect(client("coordinator").option(Keys.ROOT, "/p12"))) {
      coordinator.createOrJoin(SESSION);
      assertThat(coordinator.session("s")).contains(SESSION);
      // There are no roles here, so what a client makes is its own.
      assertThatExceptionOfType(TreeDeniedException.class)
          .isThrownBy(() -> connect(client("worker").option(Keys.ROOT, "/p12")))
          .withMessageContaining("the certificate in " + certificates.file("worker.p12"));
    }
  }

  @Test
  void readsPem() throws IOException, GeneralSecurityException {
    Settings.Builder settings =
        Settings.builder()
            .option(Keys.SERVERS, server.servers())
            .option(Keys.ROOT, "/pem")
            .option(Keys.TLS, "true")
            .option(Keys.TLS_TRUSTSTORE, certificates.file("ca.pem"))
            .option(Keys.TLS_KEYSTORE, certificates.pem("coordinator").toString());
    try (Tree tree = connect(settings)) {
      tree.createOrJoin(SESSION);
      assertThat(tree.session("s")).contains(SESSION);
    }
  }

  @Test
  void refusesPlainClients() {
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(
            () ->
                connect(
                    Settings.builder()
                        .option(Keys.SERVERS, server.servers())
                        .option(Keys.CONNECT_TIMEOUT, "2s")))
        .withMessageContaining(server.servers() + " speaks TLS only: set tls=true");
  }

  @Test
  void refusesClientsWithoutACertificate() {
    assertThatExceptionOfType(TreeDeniedException.class)
        .isThrownBy(() -> connect(certificates.trusting(server.servers())))
        .withMessageContaining("refuses clients without a certificate: set tls_keystore");
  }

  @Test
  void refusesCertificatesOfOthers() throws Exception {
    Path own = Path.of(certificates.file("own.p12"));
    certificates.selfSigned(own);
    assertThatExceptionOfType(TreeDeniedException.class)
        .isThrownBy(() -> connect(client("worker").option(Keys.TLS_KEYSTORE, own.toString())))
        .withMessageContaining("refuses the certificate in tls_keystore");
    bad(client("worker").option(Keys.TLS_TRUSTSTORE, own.toString()))
        .withMessageContaining("it holds no certificate to trust");
    String pem = certificates.pem("own").toString();
    bad(client("worker").option(Keys.TLS_TRUSTSTORE, pem))
        .withMessageContaining("is not trusted")
        .withMessageContaining("check tls_truststore");
  }

  @Test
  void asksForTheRightServer() throws IOException {
    try (EmbeddedZooKeeper elsewhere =
        EmbeddedZooKeeper.builder(temp.resolve("elsewhere"))
            .address("127.0.0.2")
            .secure(certificates.server())
            .start()) {
      Settings.Builder settings = certificates.client(elsewhere.servers(), "worker");
      assertThatExceptionOfType(ConfException.class)
          .isThrownBy(() -> connect(settings))
          .withMessageContaining("is for another host");
      try (Tree tree = connect(settings.option(Keys.TLS_HOSTNAME_VERIFICATION, "false"))) {
        assertThat(tree.isConnected()).isTrue();
      }
    }
  }

  @Test
  void saysThatTheServerSpeaksNoTls() throws IOException {
    try (EmbeddedZooKeeper plain = EmbeddedZooKeeper.start(temp.resolve("plain"), 0)) {
      assertThatExceptionOfType(ConfException.class)
          .isThrownBy(() -> connect(certificates.client(plain.servers(), "worker")))
          .withMessageContaining(plain.servers() + " does not speak TLS at that port");
    }
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    Path wrong = Files.writeString(temp.resolve("wrong"), "guess-17\n");
    Files.setPosixFilePermissions(wrong, PosixFilePermissions.fromString("rw-------"));
    bad(client("worker").option(Keys.TLS_KEYSTORE_PASSWORD_FILE, wrong.toString()))
        .withMessageContaining("worker.p12 as PKCS12: its password is wrong")
        .withMessageNotContaining("guess");
    bad(client("worker").option(Keys.TLS_TRUSTSTORE_PASSWORD_FILE, wrong.toString()))
        .withMessageContaining("tls_truststore")
        .withMessageContaining("its password is wrong");
    bad(client("none")).withMessageContaining("none.p12 is no file");
    bad(client("worker").option(Keys.TLS_KEYSTORE, certificates.file("password")))
        .withMessageContaining("no ending that tells its format");
    Path damaged = Files.createTempFile(temp, "damaged", ".pem");
    bad(client("worker").option(Keys.TLS_KEYSTORE, damaged.toString()))
        .withMessageContaining("cannot read tls_keystore " + damaged + " as PEM");
    Path open = Files.copy(Path.of(certificates.file("worker.p12")), temp.resolve("open.p12"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    bad(client("worker").option(Keys.TLS_KEYSTORE, open.toString()))
        .withMessageContaining("open.p12 is open to others: chmod 600");
  }

  private static ThrowableAssertAlternative<ConfException> bad(Settings.Builder settings) {
    return assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> connect(settings))
        .withMessageNotContaining("\n");
  }

  @Test
  void aMissingServerIsStillUnreachable() throws IOException {
    int port;
    try (ReservedPorts reserved = ReservedPorts.of("127.0.0.1", 1)) {
      port = reserved.ports().get(0);
    }
    assertThatExceptionOfType(TreeException.class)
        .isThrownBy(() -> connect(certificates.client("127.0.0.1:" + port, "worker")))
        .withMessageContaining("does not answer: check --servers, or try again");
  }
}
