package io.sheaf.tree;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The batches under {@code pending}, by archive key and worker. Answers replace what is known of a
 * znode, events add and remove; both must come in ZooKeeper's order.
 */
final class PendingView {
  private static final class Archive {
    private final Map<String, Set<String>> workers = new HashMap<>();

    long batches() {
      return workers.values().stream().mapToLong(Set::size).sum();
    }
  }

  private final Map<String, Archive> archives = new HashMap<>();

  /** Of every key that was ever seen: a name never changes. */
  private final Map<String, String> names = new HashMap<>();

  private final Set<String> changed = new HashSet<>();

  /** Only keys of these shards are there. */
  synchronized void retainShards(Collection<String> shards) {
    Set<String> known = Set.copyOf(shards);
    archives.keySet().removeIf(key -> !known.contains(new ArchiveKey(key).shard()) && gone(key));
  }

  /** Only these keys are in the shard. */
  synchronized void retainKeys(String shard, Collection<String> keys) {
    Set<String> known = Set.copyOf(keys);
    archives.keySet().removeIf(key -> key.startsWith(shard) && !known.contains(key) && gone(key));
    keys.stream().filter(ArchiveKey::isKey).forEach(this::archive);
  }

  synchronized void retainWorkers(String key, Collection<String> workers) {
    Archive archive = archives.get(key);
    if (archive != null && archive.workers.keySet().retainAll(Set.copyOf(workers))) {
      changed.add(key);
    }
  }

  synchronized void replace(String key, String worker, Collection<String> batches) {
    Archive archive = archives.get(key);
    if (archive != null) {
      archive.workers.put(worker, new HashSet<>(batches));
      changed.add(key);
    }
  }

  synchronized void name(String key, String name) {
    names.put(key, name);
    changed.add(key);
  }

  synchronized void add(String key, String worker, String batch) {
    if (!ArchiveKey.isKey(key)) {
      return;
    }
    archive(key).workers.computeIfAbsent(worker, w -> new HashSet<>()).add(batch);
    changed.add(key);
  }

  synchronized void remove(String key, String worker, String batch) {
    Archive archive = archives.get(key);
    Set<String> batches = archive == null ? null : archive.workers.get(worker);
    if (batches != null && batches.remove(batch)) {
      changed.add(key);
    }
  }

  synchronized void removeWorker(String key, String worker) {
    Archive archive = archives.get(key);
    if (archive != null && archive.workers.remove(worker) != null) {
      changed.add(key);
    }
  }

  synchronized void removeArchive(String key) {
    if (archives.remove(key) != null) {
      gone(key);
    }
  }

  private boolean gone(String key) {
    changed.add(key);
    return true;
  }

  private Archive archive(String key) {
    return archives.computeIfAbsent(key, k -> new Archive());
  }

  /** Keys whose name has not been read yet. */
  synchronized List<String> nameless() {
    return archives.keySet().stream().filter(key -> !names.containsKey(key)).toList();
  }

  /** Names of the archives that changed since the last call. */
  synchronized Set<String> takeChanged() {
    Set<String> taken = new TreeSet<>();
    for (String key : changed) {
      String name = names.get(key);
      if (name != null) {
        taken.add(name);
      }
    }
    changed.clear(); // what has no name yet is marked again with its name
    return taken;
  }

  synchronized List<PendingArchive> list() {
    List<PendingArchive> found = new ArrayList<>();
    archives.forEach((key, archive) -> view(key, archive).ifPresent(found::add));
    found.sort(Comparator.comparing(PendingArchive::archive));
    return found;
  }

  synchronized Optional<PendingArchive> get(ArchiveKey key) {
    Archive archive = archives.get(key.hex());
    return archive == null ? Optional.empty() : view(key.hex(), archive);
  }

  synchronized long batches() {
    return archives.values().stream().mapToLong(Archive::batches).sum();
  }

  private Optional<PendingArchive> view(String key, Archive archive) {
    String name = names.get(key);
    long batches = archive.batches();
    return name == null || batches == 0
        ? Optional.empty()
        : Optional.of(new PendingArchive(name, new ArchiveKey(key), batches));
  }
}
