package io.sheaf.tree;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A live view, in memory, of the archives of one session that have published batches. It follows
 * ZooKeeper with one watch and reads everything anew after each reconnect.
 */
public interface PendingIndex extends AutoCloseable {
  /** Archives with at least one batch, by name. */
  List<PendingArchive> archives();

  Optional<PendingArchive> archive(String name);

  /** Published batches in all. */
  long batches();

  /**
   * Whether the view is complete: false until the first reading, and from SUSPENDED until re-read.
   */
  boolean isCurrent();

  /**
   * Calls the listener with the names of the archives that changed, on a thread of the index. After
   * every complete reading, the one that this call starts included, these are all that are there.
   */
  void onChange(Consumer<Set<String>> listener);

  /** Reads everything anew, in the background. */
  void refresh();

  @Override
  void close();
}
