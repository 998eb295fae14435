package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.MixedFile;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.DirectoryReader;
import io.sheaf.zip.EndRecord;
import io.sheaf.zip.EntryStreams;
import io.sheaf.zip.NameIndex;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One view of the entries of archives: those merged and those in closed batches that wait. It reads
 * without a claim; members may merge meanwhile, and then it shows an entry in the one place or the
 * other. Batches that are still open are not shown.
 */
public final class ArchiveView {
  /** How often an archive is read anew that is overwritten meanwhile. */
  private static final int TRIES = 20;

  /** Bytes for indexes of archives in which entries were looked for. */
  private static final long INDEXES = 32 << 20;

  /** An index takes no more for each name. */
  private static final long INDEX_BYTES_A_NAME = 32;

  private final Disk disk;
  private final BaseDirectory base;
  private final LedgerStore ledgers;
  private final JournalStore journals;
  private final Inbox inbox;
  private final WarmIndexes indexes = new WarmIndexes(INDEXES);

  public ArchiveView(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
    this.ledgers = new LedgerStore(disk, base);
    this.journals = new JournalStore(disk, base);
    this.inbox = new Inbox(disk, base);
  }

  /** Where an entry is. */
  public enum State {
    MERGED,
    PENDING
  }

  /**
   * An entry.
   *
   * @param size of its contents in bytes
   * @param modified seconds since the epoch
   */
  public record Entry(
      String archive, String name, long size, long modified, Attributes attributes, State state) {}

  /** The archives that have a ledger or batches that wait, by name. */
  public SortedSet<String> archives() throws IOException {
    SortedSet<String> names = new TreeSet<>(ledgers.archives());
    names.addAll(inbox.archives().keySet());
    return names;
  }

  /** The entries of an archive, in the order of their merge, then those that wait. */
  public List<Entry> list(String archive) throws IOException {
    return list(archive, "");
  }

  /** As {@link #list(String)}, those whose names begin so. */
  public List<Entry> list(String archive, String prefix) throws IOException {
    byte[] begins = prefix.getBytes(StandardCharsets.UTF_8);
    List<Entry> waiting = new ArrayList<>();
    List<Entry> merged = new ArrayList<>();
    // The batches first: one that is merged meanwhile is then seen twice, and never not at all.
    visitBatches(archive, collect(archive, begins, State.PENDING, waiting));
    visitMerged(archive, merged::clear, collect(archive, begins, State.MERGED, merged));
    merged.addAll(waiting);
    return merged;
  }

  private static Visitor collect(String archive, byte[] begins, State state, List<Entry> into) {
    return (file, entry) -> !begins(entry, begins) || into.add(entry(archive, entry, state));
  }

  private static boolean begins(DirectoryCursor entry, byte[] with) {
    int from = entry.nameFrom();
    return entry.nameLength() >= with.length
        && Arrays.equals(entry.nameArray(), from, from + with.length, with, 0, with.length);
  }

  private static boolean isNamed(DirectoryCursor entry, byte[] name) {
    return entry.nameLength() == name.length && begins(entry, name);
  }

  private static Entry entry(String archive, DirectoryCursor entry, State state)
      throws IOException {
    return new Entry(
        archive, entry.nameText(), entry.size(), entry.modified(), entry.attributes(), state);
  }

  /** The contents of an entry, the merged one if there are several; empty without one. */
  public Optional<InputStream> open(String archive, String name) throws IOException {
    Holder opened = new Holder();
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    Visitor visitor =
        (file, entry) -> {
          if (isNamed(entry, wanted)) {
            opened.stream = stream(file.path(), entry);
          }
          return opened.stream == null;
        };
    // The archive once more at last, for a batch that was merged since it was first read.
    if (visitMerged(archive, () -> {}, visitor) && visitBatches(archive, visitor)) {
      visitMerged(archive, () -> {}, visitor);
    }
    return Optional.ofNullable(opened.stream);
  }

  /** An entry with its contents, which are to be closed. */
  public record Opened(Entry entry, InputStream in) {}

  /** The entry that was closed last under a name: of the batches that wait, else the merged one. */
  public Optional<Opened> newest(String archive, String name) throws IOException {
    Last last = new Last(archive, name);
    boolean unused = visitBatches(archive, last.in(State.PENDING));
    if (last.found == null && !findByIndex(archive, last)) {
      unused = visitMerged(archive, last::forget, last.in(State.MERGED));
    }
    return Optional.ofNullable(last.found);
  }

  /**
   * Looks into an archive by the index of its names, which is kept for the next time. False when
   * that cannot be, since the archive is not just as its ledger says: then nothing was found.
   */
  private boolean findByIndex(String archive, Last last) throws IOException {
    Ledger ledger = ledgers.load(archive);
    if (ledger.length() == 0
        || ledger.entries() * INDEX_BYTES_A_NAME > INDEXES
        || overwriting(archive, ledger.epoch()).isPresent()) {
      return false;
    }
    NameIndex known = indexes.look(ledger);
    try (OldArchive old = OldArchive.open(disk, base.archive(archive), ledger, known)) {
      DiskFile file = old.file();
      // Of names that come twice, as in zips of other programs, the last one counts.
      if (file == null
          || file.size() != ledger.length()
          || old.directory().names().size() != ledger.entries()) {
        return false;
      }
      long place = old.directory().find(last.wanted, 0, last.wanted.length);
      if (place != NameIndex.NONE) {
        boolean unused = last.in(State.MERGED).visit(file, old.directory().at(place));
      }
      if (isStill(archive, ledger)) {
        indexes.keep(ledger, old.directory().names());
        return true;
      }
    } catch (NoSuchFileException | ArchiveDisagreesException | BadZipException e) {
      // Overwritten or replaced meanwhile.
    }
    last.forget();
    return false;
  }

  private boolean isStill(String archive, Ledger ledger) throws IOException {
    return ledgers.load(archive).equals(ledger) && overwriting(archive, ledger.epoch()).isEmpty();
  }

  /** Keeps the last entry of a name, open. */
  private final class Last {
    private final String archive;
    private final byte[] wanted;
    private @Nullable Opened found;

    Last(String archive, String name) {
      this.archive = archive;
      this.wanted = name.getBytes(StandardCharsets.UTF_8);
    }

    Visitor in(State state) {
      return (file, entry) -> {
        if (isNamed(entry, wanted)) {
          forget();
          found = new Opened(entry(archive, entry, state), stream(file.path(), entry));
        }
        return true;
      };
    }

    void forget() {
      Opened before = found;
      found = null;
      if (before != null) {
        try {
          before.in().close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private InputStream stream(Path path, DirectoryCursor entry) throws IOException {
    DiskFile file = disk.openForRead(path);
    try {
      return new OwningStream(EntryStreams.of(file, entry), file);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static final class Holder {
    private @Nullable InputStream stream;
  }

  /** Closes the file with the stream. */
  private static final class OwningStream extends FilterInputStream {
    private final DiskFile file;

    OwningStream(InputStream in, DiskFile file) {
      super(in);
      this.file = file;
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        file.close();
      }
    }
  }

  private interface Visitor {
    /** False ends the visit. */
    boolean visit(DiskFile file, DirectoryCursor entry) throws IOException;
  }

  private boolean visitBatches(String archive, Visitor visitor) throws IOException {
    Ledger ledger = ledgers.load(archive);
    for (Path path : inbox.closed(archive)) {
      if (!visitBatch(path, ledger, visitor)) {
        return false;
      }
    }
    for (MixedFile mixed : inbox.mixed().files()) {
      if (!visitPart(mixed, archive, ledger, visitor)) {
        return false;
      }
    }
    return true;
  }

  private boolean visitPart(MixedFile mixed, String archive, Ledger ledger, Visitor visitor)
      throws IOException {
    Optional<Manifest> part = mixed.part(archive);
    if (part.isEmpty() || ledger.hasConsumed(part.get().worker(), part.get().seq())) {
      return true;
    }
    try (DiskFile file = disk.openForRead(mixed.path())) {
      Optional<BatchFile> batch = mixed.open(disk, archive);
      return batch.isEmpty() || visitAll(file, batch.get().directory(), visitor);
    } catch (NoSuchFileException | BadZipException e) {
      // Merged meanwhile, or on its way to quarantine, which verify reports.
      return true;
    }
  }

  /** Visits the archive, again if it was overwritten meanwhile. */
  private boolean visitMerged(String archive, Runnable again, Visitor visitor) throws IOException {
    for (int tries = 1; ; tries++) {
      again.run();
      long epoch = ledgers.load(archive).epoch();
      Optional<Journal> overwriting = overwriting(archive, epoch);
      try {
        boolean whole =
            overwriting.isPresent()
                ? visitImage(archive, overwriting.get(), visitor)
                : visitArchive(archive, visitor);
        boolean still =
            overwriting.equals(overwriting(archive, epoch))
                && epoch == ledgers.load(archive).epoch();
        if (still || !whole || tries == TRIES) {
          return whole;
        }
      } catch (NoSuchFileException | BadZipException e) {
        boolean still =
            overwriting.equals(overwriting(archive, epoch))
                && epoch == ledgers.load(archive).epoch();
        if (still || tries == TRIES) {
          throw e;
        }
      }
    }
  }

  /** The journal of a merge in place; once that is committed, the archive is as it should be. */
  private Optional<Journal> overwriting(String archive, long epoch) throws IOException {
    return journals
        .find(archive)
        .filter(j -> j.strategy() == Journal.Strategy.IN_PLACE && j.from() == epoch);
  }

  /** While an archive is overwritten its old directory is in the pre-image, its data in place. */
  private boolean visitImage(String archive, Journal journal, Visitor visitor) throws IOException {
    try (DiskFile file = disk.openForRead(base.archive(archive));
        DiskFile image = disk.openForRead(base.image(archive))) {
      return visitAll(file, image, 0, journal.ledger().directoryLength(), visitor);
    }
  }

  private boolean visitArchive(String archive, Visitor visitor) throws IOException {
    DiskFile opened;
    try {
      opened = disk.openForRead(base.archive(archive));
    } catch (NoSuchFileException e) {
      return true;
    }
    try (DiskFile file = opened) {
      EndRecord end = EndRecord.read(file);
      return visitAll(file, file, end.directoryOffset(), end.directoryLength(), visitor);
    }
  }

  private static boolean visitAll(
      DiskFile file, DiskFile records, long position, long length, Visitor visitor)
      throws IOException {
    boolean[] on = {true};
    new DirectoryReader(records, position, length)
        .forEach((entry, record) -> on[0] = visitor.visit(file, entry));
    return on[0];
  }

  private boolean visitBatch(Path path, Ledger ledger, Visitor visitor) throws IOException {
    try (DiskFile file = disk.openForRead(path)) {
      BatchFile batch = BatchFile.read(disk, path);
      boolean merged = ledger.hasConsumed(batch.manifest().worker(), batch.manifest().seq());
      return merged || visitAll(file, batch.directory(), visitor);
    } catch (NoSuchFileException | BadZipException e) {
      // Merged meanwhile, or on its way to quarantine, which verify reports.
      return true;
    }
  }

  private static boolean visitAll(DiskFile file, ByteBuffer directory, Visitor visitor)
      throws IOException {
    DirectoryCursor entry = new DirectoryCursor(directory);
    while (entry.next()) {
      if (!visitor.visit(file, entry)) {
        return false;
      }
    }
    return true;
  }
}
