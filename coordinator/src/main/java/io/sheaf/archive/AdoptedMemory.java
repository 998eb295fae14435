package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchName;
import io.sheaf.disk.Disk;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which zips of other programs were merged: {@code .sheaf/adopted.json}. While such a zip is in the
 * inbox the ledgers say of which archives its parts are committed, as of any batch. Each is a
 * worker of its own to them, so for ever that would make them long. Once the zip is gone, durably,
 * it stands here, once, and a ledger forgets it with its next commit.
 *
 * <p>The newest {@value #MOST} stay. What comes again after that many others is merged as something
 * new, under the duplicates policy.
 *
 * @param placed names of workers that stand for zips which were in the inbox when last looked
 * @param retired those of zips that are merged and gone, the oldest first
 */
public record AdoptedMemory(int version, List<String> placed, List<String> retired) {
  private static final int VERSION = 1;
  private static final int MOST = 100_000;

  /** So many in a ledger are no reason to read the file. */
  private static final int FEW = 4;

  private static final AdoptedMemory EMPTY = new AdoptedMemory(VERSION, List.of(), List.of());

  /** A field that is missing in the JSON is null, whatever the types say. */
  public AdoptedMemory {
    Objects.requireNonNull(placed, "placed");
    Objects.requireNonNull(retired, "retired");
  }

  /**
   * Reads it.
   *
   * @throws ArchiveDisagreesException when it is damaged: what was merged may come again
   */
  public static AdoptedMemory read(Disk disk, BaseDirectory base) throws IOException {
    Optional<byte[]> json = disk.readIfPresent(base.adopted());
    return json.isEmpty()
        ? EMPTY
        : Json.read(
            json.get(), AdoptedMemory.class, base.adopted(), VERSION, AdoptedMemory::version);
  }

  /** What it is after some more were merged and are gone, and these are in the inbox now. */
  public AdoptedMemory next(Collection<String> nowPlaced, Collection<String> gone) {
    List<String> all = new ArrayList<>(retired);
    all.removeAll(new HashSet<>(gone));
    all.addAll(gone);
    int first = Math.max(0, all.size() - MOST);
    return new AdoptedMemory(
        VERSION, List.copyOf(nowPlaced), List.copyOf(all.subList(first, all.size())));
  }

  /** Durable when this returns. The caller holds the lock of those who adopt. */
  public void write(Disk disk, BaseDirectory base) throws IOException {
    Publication.replaceLocked(disk, base.adopted(), Json.write(this));
  }

  /**
   * Removes the zips that are known here from what a ledger has consumed. The caller adds what it
   * consumes now afterwards: one of these may have come again.
   */
  static void forget(Disk disk, BaseDirectory base, Map<String, String> consumed)
      throws IOException {
    List<String> adopted = consumed.keySet().stream().filter(BatchName::isAdopted).toList();
    if (adopted.size() <= FEW) {
      return;
    }
    try {
      Set<String> known = new HashSet<>(read(disk, base).retired());
      adopted.stream().filter(known::contains).forEach(consumed::remove);
    } catch (ArchiveDisagreesException e) {
      return; // Who adopts next says so; a long ledger is no harm.
    }
  }
}
