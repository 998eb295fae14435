package io.sheaf.tree;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatch.CloseMode;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.framework.recipes.leader.Participant;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The leadership of sessions, by Curator's leader latch. */
final class Leaders {
  private static final Logger log = LoggerFactory.getLogger(Leaders.class);

  private final Znodes znodes;
  private final TreeLayout layout;

  Leaders(Znodes znodes, TreeLayout layout) {
    this.znodes = znodes;
    this.layout = layout;
  }

  Leadership lead(String session, String id, LeadershipListener listener) {
    String path = layout.leader(session);
    if (znodes.stat(layout.session(session)).isEmpty()) {
      throw new NoSuchSessionException(session, null);
    }
    LeaderLatch latch = new LeaderLatch(znodes.client(), path, id, CloseMode.NOTIFY_LEADER);
    Latched latched = new Latched(latch, listener);
    znodes.call(
        path,
        () -> {
          latch.start();
          return path;
        });
    return latched;
  }

  Optional<String> current(String session) {
    String path = layout.leader(session);
    return znodes.call(
        path,
        () -> {
          try {
            // Never started, so there is nothing to close.
            return id(new LeaderLatch(znodes.client(), path).getLeader());
          } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
          }
        });
  }

  /**
   * Takes a member out of the queue; another one leads then. Nothing to do when it is not in it.
   */
  void retire(String session, String id) {
    znodes.deleteChildren(layout.leader(session), id); // a latch writes its id into its znode
  }

  private static Optional<String> id(Participant leader) {
    return leader.isLeader() && !leader.getId().isEmpty()
        ? Optional.of(leader.getId())
        : Optional.empty();
  }

  /** Passes the latch's word on, on a thread of its own. */
  private static final class Relay implements LeaderLatchListener {
    private final LeadershipListener listener;

    Relay(LeadershipListener listener) {
      this.listener = listener;
    }

    @Override
    public void isLeader() {
      tell(listener::elected);
    }

    @Override
    public void notLeader() {
      tell(listener::deposed);
    }

    private static void tell(Runnable call) {
      try {
        call.run();
      } catch (RuntimeException e) {
        log.error("the leader's listener failed", e); // it must still hear of what comes next
      }
    }
  }

  private static final class Latched implements Leadership {
    private final LeaderLatch latch;
    private final ExecutorService executor =
        Executors.newSingleThreadExecutor(Threads.daemon("sheaf-leadership"));

    Latched(LeaderLatch latch, LeadershipListener listener) {
      this.latch = latch;
      latch.addListener(new Relay(listener), executor);
    }

    @Override
    public boolean isLeader() {
      return latch.hasLeadership();
    }

    @Override
    public void close() {
      try {
        if (latch.getState() == LeaderLatch.State.STARTED) {
          latch.close();
        }
      } catch (IOException e) {
        log.debug("the place in the queue goes with the ZooKeeper session: {}", e.getMessage());
      }
      executor.shutdown(); // the last "deposed" is still told
    }
  }
}
