package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.Secret;
import io.sheaf.tree.Codec;
import io.sheaf.tree.Digests;
import io.sheaf.tree.Roles;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole sessions, with rights split by role, on the ZooKeeper 3.8 that Debian ships. */
@Tag("cluster")
class DebianZooKeeperIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String[] ROTATION = {"--rotate-interval", "2s"};
  private static final String ROOT_PASSWORD = "r00t-of-the-tree";
  private static final String COORDINATOR = "c00rdinators-own";
  private static final String WORKER = "w0rkers-own-word";

  @TempDir Path directory;

  /** As whom the members of a session come. */
  private interface Login {
    List<String> options(String user, String password) throws IOException;
  }

  private static void need() {
    Tools.need("python3");
    Tools.needFile(DebianZooKeeper.JAR, "Debian's package zookeeper");
  }

  @Test
  void byPassword() throws Exception {
    need();
    try (DebianZooKeeper server =
        DebianZooKeeper.start(directory, false, new Properties(), List.of())) {
      build(server);
      session(
          server,
          (user, password) ->
              List.of("--user", user, "--password-file", secret(user, password).toString()),
          List.of());
    }
  }

  @Test
  void byCertificate() throws Exception {
    need();
    Path certificates = directory.resolve("tls");
    certificates(certificates);
    String password = Files.readString(certificates.resolve("password"));
    Properties tls = new Properties();
    tls.setProperty("serverCnxnFactory", "org.apache.zookeeper.server.NettyServerCnxnFactory");
    tls.setProperty("ssl.keyStore.location", certificates.resolve("server.p12").toString());
    tls.setProperty("ssl.keyStore.password", password);
    tls.setProperty("ssl.trustStore.location", certificates.resolve("truststore.p12").toString());
    tls.setProperty("ssl.trustStore.password", password);
    tls.setProperty("ssl.clientHostnameVerification", "false");
    try (DebianZooKeeper server = DebianZooKeeper.start(directory, true, tls, List.of())) {
      ZKClientConfig admin = new ZKClientConfig();
      admin.setProperty(
          ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET,
          "org.apache.zookeeper.ClientCnxnSocketNetty");
      admin.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
      admin.setProperty("zookeeper.ssl.enabledProtocols", "TLSv1.2");
      tls.forEach((key, value) -> admin.setProperty("zookeeper." + key, value.toString()));
      admin.setProperty(
          "zookeeper.ssl.keyStore.location", certificates.resolve("admin.p12").toString());
      build(server, admin, "x509");
      Path word = certificates.resolve("password");
      session(
          server,
          (user, ignored) ->
              List.of(
                  "--tls", "true",
                  "--tls-keystore", certificates.resolve(user + ".p12").toString(),
                  "--tls-keystore-password-file", word.toString(),
                  "--tls-truststore", certificates.resolve("truststore.p12").toString(),
                  "--tls-truststore-password-file", word.toString()),
          List.of(password));
    }
  }

  @Test
  void bySasl() throws Exception {
    need();
    Path jaas = secret("server-jaas", "");
    Files.writeString(
        jaas,
        "Server {\n  org.apache.zookeeper.server.auth.DigestLoginModule required\n"
            + "  user_worker=\"%s\"\n  user_coordinator=\"%s\";\n};\n"
                .formatted(WORKER, COORDINATOR));
    Properties sasl = new Properties();
    sasl.setProperty(
        "authProvider.sasl", "org.apache.zookeeper.server.auth.SASLAuthenticationProvider");
    try (DebianZooKeeper server =
        DebianZooKeeper.start(
            directory, false, sasl, List.of("-Djava.security.auth.login.config=" + jaas))) {
      ZKClientConfig admin = new ZKClientConfig();
      admin.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
      build(server, admin, "sasl");
      session(
          server,
          (user, password) -> List.of("--sasl-config", login(user, password).toString()),
          List.of());
    }
  }

  private Path login(String user, String password) throws IOException {
    String example = Files.readString(Path.of("../conf/examples/jaas.conf"));
    String text = example.replace("\"worker\"", '"' + user + '"').replace("change-me", password);
    return secret(user + "-jaas", text);
  }

  private static String digest(String user, String password) {
    return "digest:" + Digests.of(user, new Secret(password));
  }

  /** Builds the tree as an administrator does. */
  private void build(DebianZooKeeper server) throws Exception {
    Path plan = directory.resolve("tree.cfg");
    Files.writeString(
        plan,
        """
        [MAIN]
        servers = %s
        [root]
        passwd_file = %s
        [coordinator]
        passwd_file = %s
        [worker]
        passwd_file = %s
        [/sheaf]
        r = coordinator, worker
        value = %s
        [/sheaf/bases]
        rcd = coordinator
        [/sheaf/sessions]
        rcd = coordinator
        rc = worker
        """
            .formatted(
                server.servers(),
                secret("root", ROOT_PASSWORD),
                secret("coordinator", COORDINATOR),
                secret("worker", WORKER),
                roles(digest("coordinator", COORDINATOR), digest("worker", WORKER))));
    try (Running tree = Running.sheaf(directory, "zkinitree", "zkinitree", plan.toString())) {
      tree.endsWith(0, PATIENCE);
    }
  }

  private static String roles(String coordinator, String worker) {
    Roles roles = new Roles(Roles.VERSION, digest("root", ROOT_PASSWORD), coordinator, worker);
    return new String(Codec.ROLES.encode(roles), StandardCharsets.UTF_8);
  }

  /** Builds the tree with ids of other schemes, as the user root with a password. */
  private static void build(DebianZooKeeper server, ZKClientConfig config, String scheme)
      throws Exception {
    String coordinator = scheme + (scheme.equals("x509") ? ":CN=" : ":") + "coordinator";
    String worker = coordinator.replace("coordinator", "worker");
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper client =
        new ZooKeeper(server.servers(), 10_000, event -> connected.countDown(), config);
    try {
      assertThat(connected.await(60, TimeUnit.SECONDS)).isTrue();
      client.addAuthInfo("digest", ("root:" + ROOT_PASSWORD).getBytes(StandardCharsets.UTF_8));
      ACL admin = new ACL(Perms.ALL, id(digest("root", ROOT_PASSWORD)));
      byte[] data = roles(coordinator, worker).getBytes(StandardCharsets.UTF_8);
      int rcd = Perms.READ | Perms.CREATE | Perms.DELETE;
      ACL all = new ACL(rcd, id(coordinator));
      List<ACL> readers =
          List.of(admin, new ACL(Perms.READ, id(coordinator)), new ACL(Perms.READ, id(worker)));
      List<ACL> creators = List.of(admin, all, new ACL(Perms.READ | Perms.CREATE, id(worker)));
      create(client, "/sheaf", data, readers);
      create(client, "/sheaf/bases", new byte[0], List.of(admin, all));
      create(client, "/sheaf/sessions", new byte[0], creators);
    } finally {
      client.close();
    }
  }

  private static void create(ZooKeeper client, String path, byte[] data, List<ACL> acl)
      throws Exception {
    client.create(path, data, new ArrayList<>(acl), CreateMode.PERSISTENT);
  }

  private static Id id(String text) {
    int colon = text.indexOf(':');
    return new Id(text.substring(0, colon), text.substring(colon + 1));
  }

  private void session(DebianZooKeeper server, Login login, List<String> further) throws Exception {
    List<String> worker = login.options("worker", WORKER);
    List<String> coordinator = login.options("coordinator", COORDINATOR);
    List<String> passwords = new ArrayList<>(List.of(ROOT_PASSWORD, WORKER, COORDINATOR));
    passwords.addAll(further);
    Secrecy secrecy = new Secrecy(passwords);
    try (Cluster cluster = new Cluster(directory)) {
      cluster.use(server.servers());
      cluster.everywhere(List.of(), Map.of("SHEAF_LOG", "debug"));
      Running first = cluster.worker(0, with(worker));
      Running second = cluster.coordinator(with(coordinator));
      cluster
          .writers(0, "roles", "--processes", "2", "--files", "1500", "--archives", "5")
          .endsWith(0, PATIENCE);
      secrecy.ofProcess(first.pid());
      secrecy.ofProcess(second.pid());
      refused(server);
      workersMayNotDrain(server, worker);
      cluster.drained(coordinator.toArray(String[]::new));
      second.endsWith(0, PATIENCE);
      first.endsWith(0, PATIENCE);
      cluster.everyAcknowledgedDepositIsThereOnce();
      cluster.verify().endsWith(0, PATIENCE);
      secrecy.ofFiles(directory.resolve("base"), Set.of());
      secrecy.ofFiles(directory, meant());
    }
  }

  private static String[] with(List<String> login) {
    List<String> options = new ArrayList<>(login);
    options.addAll(List.of(ROTATION));
    return options.toArray(String[]::new);
  }

  /** Somebody without any login learns nothing; over TLS, not even that there is a tree. */
  private void refused(DebianZooKeeper server) throws Exception {
    try (Running nobody =
        Running.sheaf(
            directory,
            "nobody",
            "session",
            "status",
            "test",
            "--servers",
            server.servers(),
            "--connect-timeout",
            "3s")) {
      assertThat(nobody.await(PATIENCE)).isBetween(1, 2);
      assertThat(nobody.err()).containsAnyOf("has not the right", "speaks TLS only");
      assertThat(nobody.err().strip().lines().count()).isEqualTo(1);
    }
  }

  private void workersMayNotDrain(DebianZooKeeper server, List<String> worker) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("session", "drain", "test"));
    arguments.addAll(List.of("--servers", server.servers()));
    arguments.addAll(worker);
    try (Running drain = Running.sheaf(directory, "not-drain", List.of(), arguments)) {
      drain.endsWith(1, PATIENCE);
      assertThat(drain.err()).contains("has not the right to do this on /sheaf/sessions/test");
    }
  }

  /** Where passwords are meant to be: what this test wrote itself. */
  private Set<Path> meant() throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().matches(".*(\\.secret|zoo[0-9]*\\.cfg|/tls)"))
          .collect(Collectors.toUnmodifiableSet());
    }
  }

  private Path secret(String name, String text) throws IOException {
    Path file = directory.resolve(name + ".secret");
    if (!Files.exists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return Files.writeString(file, text);
  }

  private static void certificates(Path into) throws IOException, InterruptedException {
    ProcessBuilder script =
        new ProcessBuilder("../conf/examples/make-test-certificates", into.toString());
    String java = Path.of(System.getProperty("java.home"), "bin").toString();
    script.environment().put("PATH", java + File.pathSeparator + System.getenv("PATH"));
    assertThat(script.inheritIO().start().waitFor()).isZero();
  }
}
