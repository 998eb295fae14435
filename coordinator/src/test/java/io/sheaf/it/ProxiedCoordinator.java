package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;

import io.sheaf.tree.Role;
import io.sheaf.tree.Tree;
import java.io.IOException;

/** A coordinator that reaches ZooKeeper through a proxy of its own. */
final class ProxiedCoordinator implements AutoCloseable {
  private final ClaimProxy proxy;
  private final Running process;

  ProxiedCoordinator(SessionUnderLoad session) throws Exception {
    proxy = new ClaimProxy(session.servers());
    process = session.coordinator(proxy.address());
  }

  ClaimProxy proxy() {
    return proxy;
  }

  /** It ends with its session, not with this. */
  Running process() {
    return process;
  }

  void awaitServing() throws Exception {
    eventually("it serves", SessionUnderLoad.PATIENCE, () -> SessionUnderLoad.serves(process));
  }

  /** Whether ZooKeeper takes it for alive. */
  boolean isRegistered(Tree tree) {
    return tree.members("test", Role.COORDINATOR).stream()
        .anyMatch(member -> member.pid() == process.pid());
  }

  @Override
  public void close() throws IOException {
    proxy.close();
  }
}
