package io.sheaf.zkinit;

import io.sheaf.conf.Protection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Plans, and a real server to apply them to. */
abstract class PlanTestCase {
  static final Duration TIMEOUT = Duration.ofSeconds(10);

  static {
    System.setProperty("zookeeper.forceSync", "no"); // nobody pulls the plug here
  }

  @TempDir Path temp;
  TestingServer server;
  private final List<AutoCloseable> open = new ArrayList<>();
  private @Nullable CuratorFramework root;

  @BeforeEach
  void startServer() throws Exception {
    server = new TestingServer();
  }

  @AfterEach
  void stopAll() throws Exception {
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
    server.close();
  }

  /** A plan from lines that are separated by newlines or bars. */
  TreePlan plan(String text) throws IOException {
    return TreePlan.read(file(text), environment());
  }

  Path file(String text) throws IOException {
    Path file = Files.writeString(temp.resolve("tree.cfg"), text.replace('|', '\n'));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  /** A plan with a user root, whose password is admin. */
  TreePlan rooted(String text) throws IOException {
    return plan("[root]|passwd=admin|" + text);
  }

  Map<String, String> environment() {
    return Map.of();
  }

  PlanSession connect(TreePlan plan) {
    return connect(plan, "");
  }

  PlanSession connect(TreePlan plan, String chroot) {
    PlanSession session =
        plan.connect(server.getConnectString() + chroot, TIMEOUT, TIMEOUT, Protection.NONE);
    open.add(session);
    return session;
  }

  /** What was done; the lines of one action are separated by bars. */
  List<String> apply(TreePlan plan) {
    return lines(connect(plan).apply(false));
  }

  List<String> compare(TreePlan plan) {
    return lines(connect(plan).compare(false));
  }

  static List<String> lines(List<PlannedAction> actions) {
    return actions.stream().map(action -> String.join(" | ", action.lines())).toList();
  }

  /** A client of the user root of {@link #rooted}; one for all of a test. */
  CuratorFramework root() {
    CuratorFramework client = root;
    if (client == null) {
      client = client("root", "admin");
      root = client;
    }
    return client;
  }

  CuratorFramework client(String user, String password) {
    CuratorFramework client =
        CuratorFrameworkFactory.builder()
            .connectString(server.getConnectString())
            .retryPolicy(new RetryOneTime(100))
            .authorization("digest", (user + ":" + password).getBytes(StandardCharsets.UTF_8))
            .build();
    client.start();
    open.add(client);
    return client;
  }
}
