package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.DamagedBatch;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.MixedFile;
import io.sheaf.batch.MixedFiles;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.FileState;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The batches of an archive: what its inbox holds, and what ZooKeeper says that it holds.
 *
 * @param fresh to be merged, in the order of their closing
 * @param consumed merged before: only their files are left
 * @param settled fresh, consumed and quarantined ones, and those of which only the manifest is left
 * @param missing published, not in the ledger, and not there
 * @param quarantined files that are no batches of this archive
 */
record PendingFiles(
    List<BatchFile> fresh,
    List<BatchFile> consumed,
    List<MergeOutcome.Settled> settled,
    List<PendingBatch> missing,
    List<Quarantine.Item> quarantined) {

  /** Milliseconds for which an attribute cache may show a file as it was (nfs(5), acregmax). */
  private static final long CACHED = 60_000;

  static PendingFiles find(
      Disk disk,
      BaseDirectory base,
      Quarantine quarantine,
      Inbox inbox,
      MixedFiles mixed,
      Ledger ledger,
      Collection<PendingBatch> published,
      DamagedBatch salvage,
      long now)
      throws IOException {
    PendingFiles found =
        new PendingFiles(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    Set<Path> paths = new LinkedHashSet<>(inbox.closed(ledger.archive()));
    List<MixedFile> mixedFiles = mixed.files();
    for (PendingBatch batch : published) {
      if (!isPart(mixedFiles, batch)) {
        found.addPublished(disk, base, quarantine, ledger, batch, paths, now);
      }
    }
    Copies copies = new Copies(disk, quarantine, ledger);
    Map<Path, String> damaged = new LinkedHashMap<>();
    for (Path path : paths) {
      found.read(disk, quarantine, ledger, path, copies, damaged);
    }
    // Last, for where a copy is whole there is nothing to salvage.
    for (Map.Entry<Path, String> file : damaged.entrySet()) {
      found.salvage(disk, quarantine, ledger, file, copies, salvage);
    }
    copies.settle(found);
    Set<MergeOutcome.Settled> seen = new HashSet<>();
    for (MixedFile file : mixedFiles) {
      found.addPart(disk, quarantine, ledger, file, published, copies, seen);
    }
    found.fresh.sort(
        Comparator.comparingLong((BatchFile b) -> b.manifest().closed())
            .thenComparing(b -> b.manifest().worker())
            .thenComparingLong(b -> b.manifest().seq()));
    return found;
  }

  /** Whether it is a part of a batch of several archives that is there. */
  private static boolean isPart(List<MixedFile> files, PendingBatch batch) {
    return files.stream()
        .filter(file -> file.path().endsWith(batch.path()) && file.size() >= batch.size())
        .anyMatch(file -> file.seq(batch.manifest().archive()).isPresent());
  }

  private void addPart(
      Disk disk,
      Quarantine quarantine,
      Ledger ledger,
      MixedFile file,
      Collection<PendingBatch> published,
      Copies copies,
      Set<MergeOutcome.Settled> seen)
      throws IOException {
    Optional<Manifest> part = file.part(ledger.archive());
    if (part.isEmpty()) {
      return;
    }
    MergeOutcome.Settled id = new MergeOutcome.Settled(part.get().worker(), part.get().seq());
    if (seen.add(id) && !copies.knows(id)) {
      try {
        file.open(disk, ledger.archive()).ifPresent(fresh::add);
        settled.add(id);
      } catch (BadZipException e) {
        quarantined.add(
            quarantine.move(Manifest.MIXED, file.path(), String.valueOf(e.getMessage())));
        settled.add(id);
      } catch (NoSuchFileException e) {
        // Gone since it was listed: quarantined, which is told of the next time.
      }
    } else if (published.stream().anyMatch(batch -> id.equals(idOf(batch)))) {
      // The file stays until the last of its archives has committed: no need to say so each time.
      settled.add(id);
    }
  }

  private static MergeOutcome.Settled idOf(PendingBatch batch) {
    return new MergeOutcome.Settled(batch.manifest().worker(), batch.manifest().seq());
  }

  private void addPublished(
      Disk disk,
      BaseDirectory base,
      Quarantine quarantine,
      Ledger ledger,
      PendingBatch batch,
      Set<Path> paths,
      long now)
      throws IOException {
    Manifest manifest = batch.manifest();
    Path path = base.root().resolve(batch.path()).normalize();
    boolean inside = base.inbox(ledger.archive()).equals(path.getParent());
    Optional<FileState> state = inside ? disk.stat(path) : Optional.empty();
    if (state.isPresent()) {
      // An attribute cache may show a file shorter than it is: it is left for the next time.
      boolean isShort = state.get().size() < batch.size();
      if (isShort && now - state.get().modified() < CACHED) {
        paths.remove(path);
        missing.add(batch);
      } else {
        paths.add(path);
      }
    } else if (ledger.hasConsumed(manifest.worker(), manifest.seq())
        || (inside && quarantine.holds(ledger.archive(), String.valueOf(path.getFileName())))
        || (isMixed(base, path)
            && quarantine.holds(Manifest.MIXED, String.valueOf(path.getFileName())))) {
      // Of the one or the other a crash left nothing but what ZooKeeper says of it.
      settled.add(new MergeOutcome.Settled(manifest.worker(), manifest.seq()));
    } else {
      missing.add(batch);
    }
  }

  private static boolean isMixed(BaseDirectory base, Path path) {
    return base.inbox(Manifest.MIXED).equals(path.getParent());
  }

  private void read(
      Disk disk,
      Quarantine quarantine,
      Ledger ledger,
      Path path,
      Copies copies,
      Map<Path, String> damaged)
      throws IOException {
    try {
      BatchFile batch = BatchFile.read(disk, path);
      if (batch.manifest().archive().equals(ledger.archive())) {
        copies.add(batch);
      } else {
        setAside(quarantine, ledger, path, "it is a batch of " + batch.manifest().archive());
      }
    } catch (BadZipException e) {
      damaged.put(path, String.valueOf(e.getMessage()));
    } catch (NoSuchFileException e) {
      // Gone between listing and opening: another holder of the claim finished with it.
      return;
    }
  }

  private void salvage(
      Disk disk,
      Quarantine quarantine,
      Ledger ledger,
      Map.Entry<Path, String> file,
      Copies copies,
      DamagedBatch salvage)
      throws IOException {
    Path path = file.getKey();
    boolean known = idOf(path).filter(copies::knows).isPresent();
    Optional<Quarantine.Item> kept =
        known ? Optional.empty() : salvage.salvage(ledger.archive(), path, file.getValue());
    if (kept.isPresent()) {
      quarantined.add(kept.get());
      copies.add(BatchFile.read(disk, path));
    } else {
      setAside(quarantine, ledger, path, file.getValue());
    }
  }

  private void setAside(Quarantine quarantine, Ledger ledger, Path path, String reason)
      throws IOException {
    quarantined.add(quarantine.move(ledger.archive(), path, reason));
    idOf(path).ifPresent(settled::add);
  }

  private static Optional<MergeOutcome.Settled> idOf(Path path) {
    return BatchName.parse(String.valueOf(path.getFileName()))
        .map(n -> new MergeOutcome.Settled(n.worker(), n.seq()));
  }
}
