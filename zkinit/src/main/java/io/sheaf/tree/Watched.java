package io.sheaf.tree;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;

/** Reads something anew after each event on a znode and after each reconnect, and passes it on. */
final class Watched implements Watch {
  private final PersistentWatcher watcher;
  private final Refresher refresher;

  private Watched(PersistentWatcher watcher, Refresher refresher) {
    this.watcher = watcher;
    this.refresher = refresher;
  }

  static <T> Watch start(Znodes znodes, String path, Supplier<T> reader, Consumer<T> listener) {
    Refresher refresher = new Refresher("sheaf-watch", () -> listener.accept(reader.get()));
    PersistentWatcher watcher = new PersistentWatcher(znodes.client(), path, false);
    watcher.getListenable().addListener(event -> refresher.trigger());
    watcher.getResetListenable().addListener(refresher::trigger);
    watcher.start(); // its first "reset" is the first call
    return new Watched(watcher, refresher);
  }

  @Override
  public void close() {
    watcher.close();
    refresher.close();
  }
}
