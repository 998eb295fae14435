package io.sheaf.tree;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/**
 * Reads or makes many znodes with many requests in flight. A sink gets each answer on ZooKeeper's
 * event thread, in the order of the requests and in order with the watch events; it must neither
 * block nor fail. The call returns when the last answer is in.
 */
final class Bulk {
  private static final int WINDOW = 256;

  private final Znodes znodes;
  private final long timeoutMillis;

  Bulk(Znodes znodes, long timeoutMillis) {
    this.znodes = znodes;
    this.timeoutMillis = timeoutMillis;
  }

  /** Full paths of the children of all paths; those that are gone have none. */
  List<String> children(Collection<String> paths) {
    List<String> found = new ArrayList<>();
    children(paths, (path, names) -> names.forEach(name -> found.add(path + "/" + name)));
    return found;
  }

  /** A znode that is gone has no children. */
  void children(Collection<String> paths, BiConsumer<String, List<String>> sink) {
    run(
        paths,
        (zooKeeper, path, flight) ->
            zooKeeper.getChildren(
                path,
                false,
                (rc, p, context, names) ->
                    flight.landed(
                        rc, p, () -> sink.accept(path, names == null ? List.of() : names)),
                null));
  }

  /** The data of those that are there, in the order asked for. */
  Map<String, byte[]> data(Collection<String> paths) {
    Map<String, byte[]> found = new LinkedHashMap<>();
    run(
        paths,
        (zooKeeper, path, flight) ->
            zooKeeper.getData(
                path,
                false,
                (rc, p, context, data, stat) ->
                    flight.landed(
                        rc,
                        p,
                        () -> {
                          if (data != null) {
                            found.put(path, data);
                          }
                        }),
                null));
    return found;
  }

  /** Like {@link #data(Collection)}, decoded. */
  <T extends Record> List<T> records(Collection<String> paths, Codec<T> codec) {
    List<T> found = new ArrayList<>();
    data(paths).forEach((path, bytes) -> found.add(codec.decode(bytes, path)));
    return found;
  }

  /** Those of the paths that name a znode. */
  Set<String> existing(Collection<String> paths) {
    Set<String> found = new HashSet<>();
    run(
        paths,
        (zooKeeper, path, flight) ->
            zooKeeper.exists(
                path,
                false,
                (rc, p, context, stat) ->
                    flight.landed(
                        rc,
                        p,
                        () -> {
                          if (stat != null) {
                            found.add(path);
                          }
                        }),
                null));
    return found;
  }

  /** Makes a znode each; what is there already is left as it is. Returns those without a parent. */
  List<String> create(Map<String, byte[]> data, CreateMode mode) {
    data.forEach(Znodes::checkSize);
    List<String> orphans = new ArrayList<>();
    run(
        data.keySet(),
        (zooKeeper, path, flight) ->
            zooKeeper.create(
                path,
                data.get(path),
                znodes.acl(path),
                mode,
                (rc, p, context, name) ->
                    flight.landed(
                        rc == Code.NODEEXISTS.intValue() ? Code.OK.intValue() : rc,
                        p,
                        () -> {
                          if (rc == Code.NONODE.intValue()) {
                            orphans.add(path);
                          }
                        }),
                null));
    return orphans;
  }

  private interface Request {
    void send(ZooKeeper zooKeeper, String path, Flight flight);
  }

  private void run(Collection<String> paths, Request request) {
    if (paths.isEmpty()) {
      return;
    }
    String first = paths.iterator().next();
    znodes.call(
        first,
        () -> {
          znodes.client().getZookeeperClient().blockUntilConnectedOrTimedOut();
          ZooKeeper zooKeeper = znodes.client().getZookeeperClient().getZooKeeper();
          Flight flight = new Flight();
          for (String path : paths) {
            flight.enter(1, timeoutMillis);
            request.send(zooKeeper, path, flight);
          }
          flight.enter(WINDOW, timeoutMillis);
          return paths;
        });
  }

  /** The requests that have no answer yet, and the first failure. */
  private static final class Flight {
    private final Semaphore free = new Semaphore(WINDOW);
    private final AtomicReference<@Nullable KeeperException> failure = new AtomicReference<>();

    void enter(int permits, long timeoutMillis) throws InterruptedException, KeeperException {
      if (!free.tryAcquire(permits, timeoutMillis, TimeUnit.MILLISECONDS)) {
        throw new KeeperException.OperationTimeoutException();
      }
      KeeperException failed = failure.get();
      if (failed != null) {
        throw failed;
      }
    }

    void landed(int rc, String path, Runnable sink) {
      Code code = Code.get(rc);
      try {
        if (code == Code.OK || code == Code.NONODE) {
          sink.run();
        } else {
          failure.compareAndSet(null, KeeperException.create(code, path));
        }
      } finally {
        free.release();
      }
    }
  }
}
