package io.sheaf.archive;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.OpenPart;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.FileState;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What merging everything that lies in the inbox would do, without doing it. It is no snapshot:
 * batches come and go while it is read.
 *
 * @param open batches that a worker has open, or left open
 */
public record MergePlan(List<Archive> archives, List<Open> open) {

  /** How an archive would be changed. */
  public enum Way {
    /** It is made. */
    @JsonProperty("create")
    CREATE,
    /** A staged copy takes its place. */
    @JsonProperty("replace")
    REPLACE,
    /** Its directory is overwritten by what is new. */
    @JsonProperty("in-place")
    IN_PLACE,
    /** Its batches were merged before; only their files are removed. */
    @JsonProperty("nothing")
    NOTHING
  }

  /**
   * An archive that something is pending for.
   *
   * @param batches to be merged
   * @param merged batches that were merged before, of which only the file is left
   * @param damaged files that would be salvaged, or put into quarantine
   * @param bytes of contents in the batches
   * @param length of the archive now
   * @param writes bytes that would be written, about
   * @param problem why it cannot be merged; null when nothing is known against it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Archive(
      String archive,
      long batches,
      long merged,
      long damaged,
      long entries,
      long bytes,
      long length,
      Way way,
      long writes,
      @Nullable String problem) {}

  /**
   * An open batch.
   *
   * @param size of its file in bytes
   * @param held whether its worker has it; if not it would be salvaged
   */
  public record Open(String path, String worker, long size, boolean held) {}

  /** Reads the inbox and the ledgers; nothing is changed. */
  public static MergePlan of(Disk disk, BaseDirectory base, MergePolicy policy) throws IOException {
    return new Reader(disk, base, policy).read();
  }

  /** Bytes that would be written in all, about. */
  public long writes() {
    return archives.stream().mapToLong(Archive::writes).sum();
  }

  private static final class Reader {
    private final Disk disk;
    private final BaseDirectory base;
    private final Inbox inbox;
    private final LedgerStore ledgers;
    private final CommitChoice choice;
    private final SortedMap<String, Tally> tallies = new TreeMap<>();

    Reader(Disk disk, BaseDirectory base, MergePolicy policy) {
      this.disk = disk;
      this.base = base;
      this.inbox = new Inbox(disk, base);
      this.ledgers = new LedgerStore(disk, base);
      this.choice = new CommitChoice(disk, base.root(), policy.commit());
    }

    /** What is pending for one archive. */
    private static final class Tally {
      private final List<Manifest> manifests = new ArrayList<>();
      private long damaged;
    }

    MergePlan read() throws IOException {
      for (String archive : inbox.archives().keySet()) {
        for (Path file : inbox.closed(archive)) {
          add(archive, file);
        }
      }
      for (PendingBatch part : new MixedSweep(disk, base).pending()) {
        tally(part.manifest().archive()).manifests.add(part.manifest());
      }
      List<Archive> archives = new ArrayList<>();
      for (Map.Entry<String, Tally> tally : tallies.entrySet()) {
        archives.add(archive(tally.getKey(), tally.getValue()));
      }
      return new MergePlan(archives, open());
    }

    private Tally tally(String archive) {
      return tallies.computeIfAbsent(archive, a -> new Tally());
    }

    private void add(String archive, Path file) throws IOException {
      try {
        tally(archive).manifests.add(inbox.describe(file).manifest());
      } catch (BadZipException e) {
        tally(archive).damaged++;
      } catch (NoSuchFileException e) {
        return; // Merged since the inbox was listed.
      }
    }

    private Archive archive(String name, Tally tally) {
      try {
        return archive(name, tally, ledgers.load(name));
      } catch (IOException e) {
        return new Archive(
            name,
            tally.manifests.size(),
            0,
            tally.damaged,
            0,
            0,
            0,
            Way.NOTHING,
            0,
            e.getMessage());
      }
    }

    private Archive archive(String name, Tally tally, Ledger ledger) throws IOException {
      List<Manifest> fresh =
          tally.manifests.stream().filter(m -> !ledger.hasConsumed(m.worker(), m.seq())).toList();
      long region = fresh.stream().mapToLong(Manifest::region).sum();
      long directory = ledger.length() - ledger.dataLength();
      Way way = way(ledger, fresh, region);
      long writes =
          switch (way) {
            case NOTHING -> 0;
            case CREATE -> region;
            case REPLACE -> ledger.length() + region;
            case IN_PLACE -> region + 2 * directory;
          };
      return new Archive(
          name,
          fresh.size(),
          tally.manifests.size() - (long) fresh.size(),
          tally.damaged,
          fresh.stream().mapToLong(Manifest::entries).sum(),
          fresh.stream().mapToLong(Manifest::bytes).sum(),
          ledger.length(),
          way,
          writes,
          null);
    }

    private Way way(Ledger ledger, List<Manifest> fresh, long region) throws IOException {
      if (fresh.isEmpty()) {
        return Way.NOTHING;
      }
      if (ledger.length() == 0) {
        return disk.stat(base.archive(ledger.archive())).isEmpty() ? Way.CREATE : Way.REPLACE;
      }
      return choice.inPlace(ledger, region) ? Way.IN_PLACE : Way.REPLACE;
    }

    private List<Open> open() throws IOException {
      List<Open> open = new ArrayList<>();
      for (OpenPart part : inbox.parts()) {
        Optional<FileState> state = disk.stat(part.path());
        if (state.isPresent()) {
          boolean held = isHeld(part.path());
          open.add(new Open(base.relative(part.path()), part.worker(), state.get().size(), held));
        }
      }
      return open;
    }

    private boolean isHeld(Path file) throws IOException {
      Optional<DiskLock> lock = disk.tryLockExisting(file);
      if (lock.isPresent()) {
        lock.get().close();
      }
      return lock.isEmpty();
    }
  }
}
