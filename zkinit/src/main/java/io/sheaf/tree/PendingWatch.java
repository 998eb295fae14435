package io.sheaf.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;

/**
 * Keeps a {@link PendingView} true. Events and the answers of a reading both arrive on ZooKeeper's
 * event thread, in the order of what happened, and change the view there; everything that waits, or
 * calls a listener, runs on the index's own thread.
 */
final class PendingWatch implements PendingIndex {
  private static final int SHARD = 1;
  private static final int KEY = 2;
  private static final int WORKER = 3;
  private static final int BATCH = 4;

  private final Znodes znodes;
  private final Bulk bulk;
  private final String root;
  private final PendingView view = new PendingView();
  private final List<Consumer<Set<String>>> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean stale = new AtomicBoolean(true);
  private final Refresher refresher = new Refresher("sheaf-pending", this::refreshNow);
  private final PersistentWatcher watcher;

  /** The count of interruptions before the last complete reading; -1 before the first. */
  private volatile long readAt = -1;

  PendingWatch(Znodes znodes, Bulk bulk, String root) {
    this.znodes = znodes;
    this.bulk = bulk;
    this.root = root;
    this.watcher = new PersistentWatcher(znodes.client(), root, true);
  }

  void start() {
    watcher.getListenable().addListener(this::process);
    watcher.getResetListenable().addListener(this::refresh);
    watcher.start();
  }

  @Override
  public void refresh() {
    stale.set(true);
    refresher.trigger();
  }

  private void process(WatchedEvent event) {
    String path = event.getPath();
    if (path == null || !path.startsWith(root + "/")) {
      return;
    }
    apply(event.getType(), path.substring(root.length() + 1).split("/", -1));
    refresher.trigger();
  }

  private void apply(EventType type, String[] names) {
    if (type == EventType.NodeCreated && names.length == BATCH) {
      view.add(names[1], names[2], names[3]);
    } else if (type == EventType.NodeDeleted) {
      switch (names.length) {
        case KEY -> view.removeArchive(names[1]);
        case WORKER -> view.removeWorker(names[1], names[2]);
        case BATCH -> view.remove(names[1], names[2], names[3]);
        default -> {}
      }
    }
  }

  private void refreshNow() {
    if (stale.getAndSet(false)) {
      readAll();
    }
    readNames();
    tell();
  }

  private void readAll() {
    long interruptions = znodes.connection().interruptions();
    try {
      List<String> shards = new ArrayList<>();
      bulk.children(
          List.of(root),
          (path, names) -> {
            view.retainShards(names);
            names.forEach(name -> shards.add(path + "/" + name));
          });
      List<String> keys = new ArrayList<>();
      bulk.children(
          shards,
          (path, names) -> {
            view.retainKeys(part(path, SHARD), names);
            names.forEach(name -> keys.add(path + "/" + name));
          });
      List<String> workers = new ArrayList<>();
      bulk.children(
          keys,
          (path, names) -> {
            view.retainWorkers(part(path, KEY), names);
            names.forEach(name -> workers.add(path + "/" + name));
          });
      bulk.children(
          workers, (path, names) -> view.replace(part(path, KEY), part(path, WORKER), names));
      readAt = interruptions;
    } catch (TreeException e) {
      stale.set(true);
      throw e;
    }
  }

  /** The name below {@code pending} at that depth. */
  private String part(String path, int depth) {
    return path.substring(root.length() + 1).split("/", -1)[depth - 1];
  }

  private void readNames() {
    List<String> paths =
        view.nameless().stream()
            .map(key -> root + "/" + new ArchiveKey(key).shard() + "/" + key)
            .toList();
    bulk.data(paths)
        .forEach(
            (path, data) ->
                ArchiveNode.decode(path, data).ifPresent(name -> view.name(part(path, KEY), name)));
  }

  private void tell() {
    Set<String> changed = view.takeChanged();
    if (!changed.isEmpty()) {
      listeners.forEach(listener -> listener.accept(changed));
    }
  }

  @Override
  public List<PendingArchive> archives() {
    return view.list();
  }

  @Override
  public Optional<PendingArchive> archive(String name) {
    return view.get(ArchiveKey.of(name));
  }

  @Override
  public long batches() {
    return view.batches();
  }

  @Override
  public boolean isCurrent() {
    return znodes.connection().isConnected() && readAt == znodes.connection().interruptions();
  }

  @Override
  public void onChange(Consumer<Set<String>> listener) {
    listeners.add(listener);
    refresh();
  }

  @Override
  public void close() {
    watcher.close();
    refresher.close();
  }
}
