package io.sheaf.adopt;

import io.sheaf.archive.AdoptedMemory;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.tree.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where zips of other programs are that came before: in the inbox, merged, or in quarantine. Each
 * is known by the worker that it stands for. Who uses it holds the lock of those who adopt.
 */
final class KnownZips {
  private final Disk disk;
  private final BaseDirectory base;
  private final Set<String> retired;
  private final Map<String, Path> pending;
  private @Nullable Set<String> quarantined;

  private KnownZips(Disk disk, BaseDirectory base, Set<String> retired, Map<String, Path> pending) {
    this.disk = disk;
    this.base = base;
    this.retired = retired;
    this.pending = pending;
  }

  static KnownZips read(Disk disk, BaseDirectory base) throws IOException {
    Set<String> retired = new HashSet<>(AdoptedMemory.read(disk, base).retired());
    return new KnownZips(disk, base, retired, in(disk, base.inbox(Manifest.MIXED)));
  }

  /** The zips of other programs in a directory, by worker. */
  static Map<String, Path> in(Disk disk, Path directory) throws IOException {
    Map<String, Path> found = new TreeMap<>();
    for (String file : disk.list(directory)) {
      BatchName.parse(file)
          .filter(name -> BatchName.isAdopted(name.worker()))
          .ifPresent(name -> found.put(name.worker(), directory.resolve(file)));
    }
    return found;
  }

  /** The one that waits in the inbox to be merged. */
  Optional<Path> pending(String worker) {
    return Optional.ofNullable(pending.get(worker));
  }

  void placed(String worker, Path path) {
    pending.put(worker, path);
  }

  /** Whether it was merged and is gone. */
  boolean isRetired(String worker) {
    return retired.contains(worker);
  }

  /** Whether something of it could not be merged: then a copy that comes now may be better. */
  boolean isInQuarantine(String worker) throws IOException {
    if (quarantined == null) {
      Set<String> files = new HashSet<>();
      for (Quarantine.Item item : new Quarantine(disk, base).items()) {
        files.add(String.valueOf(item.path().getFileName()));
      }
      quarantined = files;
    }
    return quarantined.stream().anyMatch(file -> file.startsWith(worker + "-"));
  }
}
