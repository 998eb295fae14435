package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.MixedFile;
import io.sheaf.batch.OpenPart;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Checks a base directory, changes nothing and takes no lock. Members may be at work meanwhile: an
 * archive whose ledger changed while it was read is read again.
 */
public final class Verifier {
  /** So often an archive is read again that is merged faster than it can be read. */
  private static final int TRIES = 5;

  private final Disk disk;
  private final BaseDirectory base;
  private final LedgerStore ledgers;
  private final JournalStore journals;
  private final Inbox inbox;

  public Verifier(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
    this.ledgers = new LedgerStore(disk, base);
    this.journals = new JournalStore(disk, base);
    this.inbox = new Inbox(disk, base);
  }

  /**
   * Checks everything: each byte of each archive against the sums in its ledger, each pending batch
   * against its manifest.
   *
   * @param deep whether to check the checksum of each entry too, inflating what is deflated
   */
  public VerifyReport verify(boolean deep) throws IOException {
    List<VerifyReport.Archive> archives = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (String archive : names(problems)) {
      archives.add(archive(archive, deep));
    }
    List<VerifyReport.Quarantined> quarantined = new ArrayList<>();
    for (Quarantine.Item item : new Quarantine(disk, base).items()) {
      quarantined.add(new VerifyReport.Quarantined(base.relative(item.path()), item.reason()));
    }
    List<String> open = new ArrayList<>();
    for (OpenPart part : inbox.parts()) {
      open.add(base.relative(part.path()));
    }
    List<String> strays = inbox.strays().stream().map(base::relative).toList();
    List<String> leftovers =
        new Leftovers(disk, base).files().stream().map(base::relative).toList();
    return new VerifyReport(archives, pending(), open, quarantined, strays, leftovers, problems);
  }

  /** Archives with a ledger, and those with an inbox: anything else in the base is not Sheaf's. */
  private SortedSet<String> names(List<String> problems) throws IOException {
    SortedSet<String> names = new TreeSet<>(ledgers.owners());
    try {
      names.addAll(ledgers.archives());
    } catch (ArchiveDisagreesException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
    for (String archive : inbox.archives().keySet()) {
      if (disk.stat(base.archive(archive)).isPresent()) {
        names.add(archive);
      }
    }
    return names;
  }

  private VerifyReport.Archive archive(String archive, boolean deep) throws IOException {
    for (int left = TRIES; ; left--) {
      Optional<Ledger> before = ledgerOf(archive);
      if (before.isEmpty()) {
        return unreadable(archive);
      }
      VerifyReport.Archive found = check(archive, before.get(), deep);
      Optional<Ledger> after = ledgerOf(archive);
      boolean still = after.isPresent() && after.get().epoch() == before.get().epoch();
      if (still || left == 0) {
        return found;
      }
    }
  }

  private Optional<Ledger> ledgerOf(String archive) throws IOException {
    try {
      return Optional.of(ledgers.load(archive));
    } catch (ArchiveDisagreesException e) {
      return Optional.empty();
    }
  }

  private VerifyReport.Archive unreadable(String archive) {
    return new VerifyReport.Archive(
        archive, VerifyReport.Status.DAMAGED, 0, 0, 0, List.of("its ledger cannot be read"));
  }

  private VerifyReport.Archive check(String archive, Ledger ledger, boolean deep)
      throws IOException {
    Path path = base.archive(archive);
    List<String> problems = new ArrayList<>();
    VerifyReport.Status status;
    ArchiveCheck check = new ArchiveCheck(problems);
    try (DiskFile file = disk.openForRead(path)) {
      boolean known = ledger.epoch() > 0;
      if (known) {
        check.against(file, ledger);
      }
      if (deep || !known) {
        check.entries(file);
      } else {
        check.directory(file);
      }
      status = known ? VerifyReport.Status.OK : VerifyReport.Status.NO_LEDGER;
    } catch (NoSuchFileException e) {
      status = ledger.length() > 0 ? VerifyReport.Status.GONE : VerifyReport.Status.OK;
      if (ledger.length() > 0) {
        problems.add("the ledger says " + ledger.entries() + " entries, and there is no archive");
      }
    } catch (BadZipException e) {
      problems.add(e.getMessage());
      status = VerifyReport.Status.DAMAGED;
    }
    if (mergeIsUnderWay(archive, path, problems)) {
      return new VerifyReport.Archive(
          archive,
          VerifyReport.Status.MERGING,
          ledger.entries(),
          ledger.length(),
          ledger.epoch(),
          List.of("a merge is under way or was cut off"));
    }
    if (!problems.isEmpty() && status != VerifyReport.Status.GONE) {
      status = VerifyReport.Status.DAMAGED;
    }
    return new VerifyReport.Archive(
        archive,
        status,
        check.entries(),
        disk.stat(path).map(s -> s.size()).orElse(0L),
        ledger.epoch(),
        problems);
  }

  /**
   * Whether a journal explains what is wrong, if anything is: between rename and commit the archive
   * is ahead of its ledger, and recovery knows what to do.
   */
  private boolean mergeIsUnderWay(String archive, Path path, List<String> problems)
      throws IOException {
    Optional<Journal> journal;
    try {
      journal = journals.find(archive);
    } catch (ArchiveDisagreesException e) {
      problems.add("its journal cannot be read");
      return false;
    }
    if (journal.isEmpty() || problems.isEmpty()) {
      return journal.isPresent();
    }
    return switch (journal.get().strategy()) {
      case REPLACE -> isWhole(path, journal.get().ledger());
      case IN_PLACE -> isRestorable(archive, path, journal.get());
      case ROLL -> {
        Ledger volume = journal.get().volume();
        yield volume != null && isWhole(base.archive(volume.archive()), volume);
      }
    };
  }

  private boolean isWhole(Path path, Ledger ledger) throws IOException {
    List<String> wrong = new ArrayList<>();
    try (DiskFile file = disk.openForRead(path)) {
      new ArchiveCheck(wrong).against(file, ledger);
    } catch (NoSuchFileException e) {
      return false;
    }
    return wrong.isEmpty();
  }

  /** Whether the data is as it was and the pre-image holds what follows it. */
  private boolean isRestorable(String archive, Path path, Journal journal) throws IOException {
    Ledger ledger = journal.ledger();
    try (DiskFile file = disk.openForRead(path);
        DiskFile image = disk.openForRead(base.image(archive))) {
      return file.size() >= ledger.dataLength()
          && ArchiveFile.crc(file, 0, ledger.dataLength()) == ledger.dataCrc()
          && ArchiveFile.crc(image, 0, image.size()) == ledger.contents().fromDirectoryCrc();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private List<VerifyReport.Pending> pending() throws IOException {
    List<VerifyReport.Pending> pending = new ArrayList<>();
    for (String archive : inbox.archives().keySet()) {
      for (Path path : inbox.closed(archive)) {
        batch(path).ifPresent(pending::add);
      }
    }
    for (MixedFile file : inbox.mixed().files()) {
      mixed(file).ifPresent(pending::add);
    }
    inbox
        .mixed()
        .damaged()
        .forEach(
            (path, problem) ->
                pending.add(new VerifyReport.Pending(base.relative(path), 0, 0, List.of(problem))));
    return pending;
  }

  /** A batch of several archives, with the entries of those that have not committed theirs. */
  private Optional<VerifyReport.Pending> mixed(MixedFile mixed) throws IOException {
    List<String> problems = new ArrayList<>();
    long entries = 0;
    long bytes = 0;
    for (String archive : mixed.archives()) {
      Manifest part = mixed.part(archive).orElseThrow();
      Optional<Ledger> ledger = ledgerOf(archive);
      if (ledger.isEmpty() || !ledger.get().hasConsumed(part.worker(), part.seq())) {
        entries += part.entries();
        bytes += part.bytes();
      }
    }
    try (DiskFile file = disk.openForRead(mixed.path())) {
      if (mixed.isSummed()
          && ArchiveFile.crc(file, 0, mixed.manifest().region()) != mixed.manifest().crc32c()) {
        problems.add("its bytes are not those that its manifest sums up");
      }
    } catch (NoSuchFileException e) {
      return Optional.empty(); // The last of its archives has committed meanwhile.
    }
    return Optional.of(
        new VerifyReport.Pending(base.relative(mixed.path()), entries, bytes, problems));
  }

  private Optional<VerifyReport.Pending> batch(Path path) throws IOException {
    List<String> problems = new ArrayList<>();
    long entries = 0;
    long bytes = 0;
    try {
      BatchFile batch = BatchFile.read(disk, path);
      entries = batch.manifest().entries();
      bytes = batch.manifest().bytes();
      if (crc(batch) != batch.manifest().crc32c()) {
        problems.add("its bytes are not those that its manifest sums up");
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (BadZipException e) {
      problems.add(e.getMessage());
    }
    return Optional.of(new VerifyReport.Pending(base.relative(path), entries, bytes, problems));
  }

  private int crc(BatchFile batch) throws IOException {
    try (DiskFile file = disk.openForRead(batch.path())) {
      return ArchiveFile.crc(file, 0, batch.manifest().region());
    }
  }
}
