package io.sheaf.archive;

import io.sheaf.batch.Ahead;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.MixedFile;
import io.sheaf.batch.MixedFiles;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.FileState;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows which parts of batches of several archives are committed, and takes away a batch once all
 * of them are. It needs no claim: a ledger never takes a commit back, and whoever merges a part
 * meanwhile finds it there already. Any number of threads; what it remembers only saves looking.
 */
public final class MixedSweep {
  private final Disk disk;
  private final BaseDirectory base;
  private final MixedFiles files;
  private final LedgerStore ledgers;
  private final Quarantine quarantine;

  private final Map<Path, Progress> progress = new HashMap<>();

  public MixedSweep(Disk disk, BaseDirectory base) {
    this(disk, base, new MixedFiles(disk, base));
  }

  MixedSweep(Disk disk, BaseDirectory base, MixedFiles files) {
    this.disk = disk;
    this.base = base;
    this.files = files;
    this.ledgers = new LedgerStore(disk, base);
    this.quarantine = new Quarantine(disk, base);
  }

  MixedFiles files() {
    return files;
  }

  /** The parts that are not committed, as they are published. */
  public List<PendingBatch> pending() throws IOException {
    List<PendingBatch> pending = new ArrayList<>();
    Looks looks = new Looks();
    for (MixedFile file : files.files()) {
      for (PendingBatch part : file.published(base)) {
        String archive = part.manifest().archive();
        if (!progress(file).isCommitted(archive) && !looks.isIn(file, archive)) {
          pending.add(part);
        }
      }
    }
    return pending;
  }

  /**
   * Removes every batch whose parts are all committed, and puts into quarantine what is no such
   * batch, or has bytes that it does not list.
   */
  public List<Quarantine.Item> sweep() throws IOException {
    List<Quarantine.Item> quarantined = new ArrayList<>();
    for (Map.Entry<Path, String> damaged : files.damaged().entrySet()) {
      if (disk.stat(damaged.getKey()).filter(FileState::isFile).isPresent()) {
        setAside(damaged.getKey(), damaged.getValue(), quarantined);
      }
    }
    List<MixedFile> all = files.files();
    removeCommitted(all, quarantined);
    forgetAllBut(all);
    return quarantined;
  }

  /**
   * Says that an archive has committed its parts of some batches; removes each batch of which that
   * was the last.
   */
  List<Quarantine.Item> merged(String archive, Collection<BatchFile> parts) throws IOException {
    List<Quarantine.Item> quarantined = new ArrayList<>();
    Set<Path> committed = new HashSet<>();
    parts.forEach(part -> committed.add(part.path()));
    List<MixedFile> concerned = new ArrayList<>();
    for (MixedFile file : committed.isEmpty() ? List.<MixedFile>of() : files.files()) {
      if (committed.contains(file.path())) {
        progress(file).committed(archive);
      }
      if (file.seq(archive).isPresent()) {
        concerned.add(file);
      }
    }
    removeCommitted(concerned, quarantined);
    return quarantined;
  }

  private void removeCommitted(List<MixedFile> some, List<Quarantine.Item> quarantined)
      throws IOException {
    Looks looks = new Looks();
    List<MixedFile> committed = new ArrayList<>();
    for (MixedFile file : some) {
      if (looksCommitted(file, looks) && isCommitted(file, looks)) {
        committed.add(file);
      }
    }
    if (!committed.isEmpty()) {
      remove(covered(committed, quarantined));
    }
  }

  /** Those that need not be kept; the others are in quarantine then. */
  private List<MixedFile> covered(List<MixedFile> committed, List<Quarantine.Item> quarantined)
      throws IOException {
    List<MixedFile> covered = new ArrayList<>();
    try (Ahead<MixedFile, String> ahead = new Ahead<>(committed, file -> file.uncovered(disk))) {
      for (MixedFile file : committed) {
        try {
          String uncovered = ahead.next();
          if (uncovered.isEmpty()) {
            keepStrangers(file, quarantined);
            covered.add(file);
          } else {
            setAside(file.path(), uncovered, quarantined);
          }
        } catch (NoSuchFileException e) {
          // Another coordinator was faster.
        }
      }
    }
    return covered;
  }

  private void remove(List<MixedFile> covered) throws IOException {
    // Others may have committed what was read just now: it must be durable first.
    Set<String> archives = new HashSet<>();
    covered.forEach(file -> archives.addAll(file.archives()));
    ledgers.syncSeen(archives);
    try (Ahead<MixedFile, Path> ahead = new Ahead<>(covered, this::delete)) {
      for (int i = 0; i < covered.size(); i++) {
        Path unused = ahead.next();
      }
    }
  }

  private Path delete(MixedFile file) throws IOException {
    disk.delete(file.path());
    return file.path();
  }

  /** Entries that no archive gets are in the file only, which is about to go. */
  private void keepStrangers(MixedFile file, List<Quarantine.Item> quarantined) throws IOException {
    List<MixedFile.Stranger> strangers = file.strangers(disk);
    if (strangers.isEmpty()) {
      return;
    }
    try (DiskFile open = disk.openForRead(file.path())) {
      for (MixedFile.Stranger stranger : strangers) {
        quarantined.add(
            quarantine.keep(
                Manifest.MIXED,
                file.path().getFileName() + "." + stranger.position() + ".entry",
                open,
                stranger.position(),
                stranger.length(),
                stranger.reason()));
      }
    }
  }

  /** The first part that is still to come answers for all: no ledger is read twice for one. */
  private boolean looksCommitted(MixedFile file, Looks looks) throws IOException {
    Progress progress = progress(file);
    for (String next = progress.next(); next != null; next = progress.next()) {
      if (!looks.isIn(file, next)) {
        return false;
      }
      progress.committed(next);
    }
    return true;
  }

  private static boolean isCommitted(MixedFile file, Looks looks) throws IOException {
    for (String archive : file.archives()) {
      if (!looks.isIn(file, archive)) {
        return false;
      }
    }
    return true;
  }

  /**
   * What the ledgers say at about one time. One look at a ledger is enough for all the files that
   * have a part of its archive: an older answer is never one too many.
   */
  private final class Looks {
    private final Map<String, Optional<Ledger>> seen = new HashMap<>();

    boolean isIn(MixedFile file, String archive) throws IOException {
      Optional<Ledger> ledger = seen.get(archive);
      if (ledger == null) {
        ledger = glance(archive);
        seen.put(archive, ledger);
      }
      long seq = file.seq(archive).orElseThrow();
      return ledger.isPresent() && ledger.get().hasConsumed(file.manifest().worker(), seq);
    }
  }

  private Optional<Ledger> glance(String archive) throws IOException {
    try {
      // What is not seen yet is seen the next time; thousands of archives are asked about.
      return ledgers.glance(archive);
    } catch (ArchiveDisagreesException e) {
      return Optional.empty(); // Somebody has to look at it: until then nothing of it is removed.
    }
  }

  private synchronized Progress progress(MixedFile file) {
    return progress.computeIfAbsent(file.path(), path -> new Progress(file.archives()));
  }

  private synchronized void forgetAllBut(List<MixedFile> all) {
    progress.keySet().retainAll(all.stream().map(MixedFile::path).toList());
  }

  /**
   * Which archives were seen to have committed their part of a file, and the first that was not.
   */
  private static final class Progress {
    private final List<String> archives;
    private final Set<String> committed = new HashSet<>();
    private int next;

    Progress(Collection<String> archives) {
      this.archives = List.copyOf(archives);
    }

    synchronized void committed(String archive) {
      committed.add(archive);
    }

    synchronized boolean isCommitted(String archive) {
      return committed.contains(archive);
    }

    synchronized @Nullable String next() {
      while (next < archives.size() && committed.contains(archives.get(next))) {
        next++;
      }
      return next < archives.size() ? archives.get(next) : null;
    }
  }

  private void setAside(Path file, String reason, List<Quarantine.Item> quarantined)
      throws IOException {
    try {
      quarantined.add(quarantine.move(Manifest.MIXED, file, reason));
    } catch (NoSuchFileException e) {
      // Another coordinator was faster.
    }
  }
}
