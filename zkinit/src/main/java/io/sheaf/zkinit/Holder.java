package io.sheaf.zkinit;

import io.sheaf.tree.RawTree;
import io.sheaf.tree.TreeUnreachableException;
import io.sheaf.tree.Watch;
import io.sheaf.zkinit.PlannedNode.Trait;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps ephemeral znodes there. Each change of one, and of the connection, has it look again; one
 * that is gone is made, whether its session was lost or another process held it until then.
 */
public final class Holder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Holder.class);
  private static final long RETRY_MILLIS = 1_000;

  private final RawTree tree;
  private final List<PlannedNode> nodes;
  private final Consumer<String> made;
  private final Semaphore changes = new Semaphore(1);
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private final Thread thread = new Thread(this::run, "sheaf-holder");
  private final Watch connection;
  private volatile boolean closed;

  Holder(RawTree tree, List<PlannedNode> nodes, Consumer<String> made) {
    this.tree = tree;
    this.nodes = nodes;
    this.made = made;
    this.connection = tree.onConnection(change -> changes.release());
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** Waits until it is closed; fails when it cannot go on. */
  public void await() throws InterruptedException {
    try {
      end.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private void run() {
    try {
      while (!closed) {
        changes.acquire();
        changes.drainPermits();
        lookOrRetry();
      }
    } catch (InterruptedException e) {
      log.debug("no longer held");
    } catch (RuntimeException e) {
      if (!closed) {
        end.completeExceptionally(e);
      }
    }
    end.complete(null);
  }

  private void lookOrRetry() throws InterruptedException {
    try {
      nodes.forEach(this::ensure);
    } catch (TreeUnreachableException e) {
      log.info("{}", e.getMessage());
      changes.tryAcquire(RETRY_MILLIS, TimeUnit.MILLISECONDS);
      changes.release();
    }
  }

  private void ensure(PlannedNode node) {
    if (node.is(Trait.SEQUENCE)) {
      List<String> children = tree.watchChildren(node.parent(), changes::release);
      if (Present.numbered(node, children).isEmpty()) {
        made.accept(Changes.createNumbered(tree, node));
      }
    } else if (tree.watch(node.path(), changes::release).isEmpty()
        && tree.create(node.path(), node.data(), node.acl(), true)) {
      made.accept(node.path());
    }
  }

  /** Ends the watch; the znodes go when the connection is closed. */
  @Override
  public void close() {
    closed = true;
    connection.close();
    thread.interrupt();
  }
}
