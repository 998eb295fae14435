package io.sheaf.bench;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Inbox;
import io.sheaf.disk.Disk;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.PendingIndex;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Gives batches to the coordinators of a session and waits until they have merged them. */
final class LiveMerge {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private LiveMerge() {}

  /**
   * Moves the batches of one base directory to another and publishes them.
   *
   * @return seconds from the first publication until ZooKeeper says that nothing is pending
   */
  static double run(
      Disk disk, BaseDirectory stage, BaseDirectory base, String servers, String session)
      throws Exception {
    try (Tree tree = Tree.connect(TreeOptions.open(servers))) {
      List<PendingBatch> batches = move(disk, stage, base);
      long start = System.nanoTime();
      tree.publishAll(session, batches);
      // Followed by a watch: looking again and again would take the cores from what is measured.
      CountDownLatch merged = new CountDownLatch(1);
      try (PendingIndex pending = tree.watchPending(session)) {
        pending.onChange(
            changed -> {
              if (pending.isCurrent() && pending.batches() == 0) {
                merged.countDown();
              }
            });
        if (!merged.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          throw new IOException("not merged in time: " + tree.pendingArchives(session));
        }
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static List<PendingBatch> move(Disk disk, BaseDirectory stage, BaseDirectory base)
      throws IOException {
    List<PendingBatch> moved = new ArrayList<>();
    Inbox inbox = new Inbox(disk, base);
    for (String archive : new Inbox(disk, stage).archives().keySet()) {
      Files.createDirectories(base.inbox(archive));
      for (Path batch : new Inbox(disk, stage).closed(archive)) {
        Path target = base.inbox(archive).resolve(batch.getFileName());
        Files.move(batch, target);
        moved.add(inbox.describe(target));
      }
    }
    return moved;
  }
}
