package io.sheaf.tree;

import io.sheaf.tree.Znodes.Created;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.zookeeper.CreateMode;

/** The znodes of published batches. */
final class Batches {
  private static final Comparator<PendingBatch> BY_WORKER_AND_SEQ =
      Comparator.<PendingBatch, String>comparing(batch -> batch.manifest().worker())
          .thenComparingLong(batch -> batch.manifest().seq());

  private final Znodes znodes;
  private final Bulk bulk;
  private final TreeLayout layout;

  Batches(Znodes znodes, Bulk bulk, TreeLayout layout) {
    this.znodes = znodes;
    this.bulk = bulk;
    this.layout = layout;
  }

  void publish(String session, PendingBatch batch) {
    String path = layout.pending(session, batch.manifest());
    byte[] data = Codec.PENDING.encode(batch);
    // The server removes empty containers, perhaps just before our child arrives: then again.
    while (znodes.create(path, data, CreateMode.PERSISTENT) == Created.NO_PARENT) {
      createParents(session, batch.manifest());
    }
  }

  /** As {@link #publish} for each, with many requests in flight. */
  void publishAll(String session, Collection<PendingBatch> batches) {
    Map<String, PendingBatch> todo = byPath(session, batches);
    while (!todo.isEmpty()) {
      Map<String, byte[]> data = new LinkedHashMap<>();
      todo.forEach((path, batch) -> data.put(path, Codec.PENDING.encode(batch)));
      List<String> orphans = bulk.create(data, CreateMode.PERSISTENT);
      todo.keySet().retainAll(Set.copyOf(orphans));
      createParents(session, todo.values());
    }
  }

  private Map<String, PendingBatch> byPath(String session, Collection<PendingBatch> batches) {
    Map<String, PendingBatch> paths = new LinkedHashMap<>();
    batches.forEach(batch -> paths.put(layout.pending(session, batch.manifest()), batch));
    return paths;
  }

  private void createParents(String session, Collection<PendingBatch> batches) {
    Map<String, byte[]> shards = new LinkedHashMap<>();
    Map<String, byte[]> archives = new LinkedHashMap<>();
    Map<String, byte[]> workers = new LinkedHashMap<>();
    for (PendingBatch batch : batches) {
      Manifest manifest = batch.manifest();
      ArchiveKey key = ArchiveKey.of(manifest.archive());
      String archive = layout.pending(session, key);
      shards.put(layout.pending(session) + "/" + key.shard(), new byte[0]);
      archives.put(archive, ArchiveNode.encode(manifest.archive()));
      workers.put(archive + "/" + manifest.worker(), new byte[0]);
    }
    if (!bulk.create(shards, CreateMode.CONTAINER).isEmpty()) {
      requireSession(session);
      znodes.ensure(layout.pending(session));
      return;
    }
    bulk.create(archives, CreateMode.CONTAINER);
    bulk.create(workers, CreateMode.CONTAINER);
  }

  /** Those of the batches that nobody has published. */
  List<PendingBatch> unpublished(String session, Collection<PendingBatch> batches) {
    Map<String, PendingBatch> paths = byPath(session, batches);
    paths.keySet().removeAll(bulk.existing(paths.keySet()));
    return List.copyOf(paths.values());
  }

  private void createParents(String session, Manifest manifest) {
    ArchiveKey key = ArchiveKey.of(manifest.archive());
    String shard = layout.pending(session) + "/" + key.shard();
    if (create(shard, new byte[0]) == Created.NO_PARENT) {
      requireSession(session);
      znodes.ensure(layout.pending(session));
      return;
    }
    create(layout.pending(session, key), ArchiveNode.encode(manifest.archive()));
    create(layout.pending(session, key) + "/" + manifest.worker(), new byte[0]);
  }

  private Created create(String path, byte[] data) {
    return znodes.create(path, data, CreateMode.CONTAINER);
  }

  private void requireSession(String session) {
    String path = layout.session(session);
    if (znodes.get(path).filter(node -> node.data().length > 0).isEmpty()) {
      throw new NoSuchSessionException(session, null);
    }
  }

  PublishedBatches pending(String session, ArchiveKey key) {
    List<String> paths = bulk.children(bulk.children(List.of(layout.pending(session, key))));
    List<PendingBatch> found = new ArrayList<>();
    List<RefusedManifest> refused = new ArrayList<>();
    bulk.data(paths)
        .forEach(
            (path, data) -> {
              try {
                PendingBatch batch = Codec.PENDING.decode(data, path);
                String problem = ManifestCheck.problem(path, batch);
                if (problem.isEmpty()) {
                  found.add(batch);
                } else {
                  refused.add(new RefusedManifest(path, batch.manifest().archive(), problem));
                }
              } catch (TreeDamagedException e) {
                refused.add(new RefusedManifest(path, key.hex(), "it cannot be read"));
              }
            });
    found.sort(BY_WORKER_AND_SEQ);
    return new PublishedBatches(found, refused);
  }

  /** What is where no archive's manifests are: under a key that is none, or has no name. */
  List<RefusedManifest> misplaced(String session) {
    List<String> keys = bulk.children(bulk.children(List.of(layout.pending(session))));
    List<RefusedManifest> refused = new ArrayList<>();
    bulk.data(keys)
        .forEach(
            (path, data) -> {
              if (!ArchiveNode.isInPlace(path) || ArchiveNode.decode(path, data).isEmpty()) {
                String key = path.substring(path.lastIndexOf('/') + 1);
                refused.add(new RefusedManifest(path, key, "it is no archive's place"));
              }
            });
    return refused;
  }

  void drop(String session, RefusedManifest refused) {
    if (!refused.znode().startsWith(layout.pending(session) + "/")) {
      throw new IllegalArgumentException("not under pending: " + refused.znode());
    }
    znodes.deleteAll(refused.znode());
  }

  List<String> archives(String session) {
    List<String> keys =
        bulk.children(bulk.children(List.of(layout.pending(session)))).stream()
            .filter(ArchiveNode::isInPlace)
            .toList();
    Set<String> inUse = new HashSet<>();
    bulk.children(
        bulk.children(keys),
        (worker, batches) -> {
          if (!batches.isEmpty()) {
            inUse.add(worker.substring(0, worker.lastIndexOf('/')));
          }
        });
    Set<String> names = new TreeSet<>();
    bulk.data(inUse).forEach((path, data) -> ArchiveNode.decode(path, data).ifPresent(names::add));
    return List.copyOf(names);
  }

  void consumed(String session, String archive, String worker, long seq) {
    znodes.delete(layout.batch(session, archive, worker, seq));
  }

  void reportFailed(String session, FailedBatch failed) {
    String path = layout.failed(session, failed);
    byte[] data = Codec.FAILED.encode(failed);
    while (znodes.create(path, data, CreateMode.PERSISTENT) == Created.NO_PARENT) {
      requireSession(session);
      znodes.ensure(path.substring(0, path.lastIndexOf('/')));
    }
  }

  List<FailedBatch> failed(String session) {
    List<String> paths = bulk.children(bulk.children(List.of(layout.failed(session))));
    List<FailedBatch> found = new ArrayList<>();
    bulk.data(paths).forEach((path, data) -> found.add(failed(path, data)));
    found.sort(Comparator.comparing(FailedBatch::path));
    return found;
  }

  /** A note that cannot be read is one all the same: something is in quarantine. */
  private static FailedBatch failed(String path, byte[] data) {
    try {
      return Codec.FAILED.decode(data, path);
    } catch (TreeDamagedException e) {
      return new FailedBatch(FailedBatch.VERSION, "", path, "the note cannot be read", path, "", 0);
    }
  }
}
