package io.sheaf.tree;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.utils.DefaultZookeeperFactory;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;

/** Notes when the server refuses who a client says it is; Curator just tries again. */
final class Refusals extends DefaultZookeeperFactory {
  private final CountDownLatch refused = new CountDownLatch(1);

  boolean isRefused() {
    return refused.getCount() == 0;
  }

  /** Waits for it; false when it has not come by then. */
  boolean await(long millis) throws InterruptedException {
    return refused.await(millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public ZooKeeper newZooKeeper(
      String servers, int timeout, Watcher watcher, boolean readOnly, ZKClientConfig config)
      throws Exception {
    Watcher both =
        event -> {
          if (event.getState() == KeeperState.AuthFailed) {
            refused.countDown();
          }
          watcher.process(event);
        };
    return super.newZooKeeper(servers, timeout, both, readOnly, config);
  }
}
