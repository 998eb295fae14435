package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Saves what can be saved of a closed batch whose end is damaged: cut short, overwritten, or with a
 * directory or manifest that cannot be read. Every entry whose checksum holds is kept; they are
 * found as {@link Salvager} finds those of an open batch, by the local headers from the first on.
 *
 * <p>The steps, each of which may be the last before a crash: give the damaged file a second name,
 * in quarantine; write the batch anew beside it, sync; rename that over the damaged file, sync the
 * directory. Doing it again from any of them gives the same batch. The damaged file stays whole in
 * quarantine, for it may be longer than it looks: a copy under way, or a stale attribute cache.
 *
 * <p>The caller holds the claim of the archive.
 */
public final class DamagedBatch {
  /** What the name of the damaged file ends in when it is in quarantine. */
  public static final String DAMAGED = ".damaged";

  private final Disk disk;
  private final Quarantine quarantine;
  private final String by;
  private final String session;

  /**
   * @param by id of the member that salvages
   * @param session to which a batch is counted that does not say its own any more
   */
  public DamagedBatch(Disk disk, BaseDirectory base, String by, String session) {
    this.disk = disk;
    this.quarantine = new Quarantine(disk, base);
    this.by = by;
    this.session = session;
  }

  /**
   * Puts a batch of the same worker and number in the place of a damaged one.
   *
   * @param damage what is wrong with the file
   * @return the damaged file in quarantine; empty when nothing was done, for no entry in it holds,
   *     or it is not named as a worker names its batches, or says that it is another batch
   */
  public Optional<Quarantine.Item> salvage(String archive, Path path, String damage)
      throws IOException {
    Optional<BatchName> name =
        BatchName.parse(String.valueOf(path.getFileName())).filter(BatchName::isWorkers);
    if (name.isEmpty() || disk.stat(path).filter(s -> s.isFile()).isEmpty()) {
      return Optional.empty();
    }
    try (DiskFile file = disk.openForRead(path)) {
      Manifest said = manifest(file);
      RegionScan scan = RegionScan.of(file);
      if (scan.good().isEmpty() || (said != null && !isOf(said, archive, name.get()))) {
        return Optional.empty();
      }
      Quarantine.Item item =
          quarantine.link(
              archive, path.getFileName() + DAMAGED, path, reason(damage, scan, file.size()));
      long closed = disk.stat(path).map(s -> s.modified()).orElse(0L);
      rebuild(file, path, scan, new Origin(archive, name.get(), said, closed));
      return Optional.of(item);
    } catch (NewerManifestException e) {
      return Optional.empty();
    }
  }

  /** The manifest if that can still be read. */
  private static @Nullable Manifest manifest(DiskFile file) throws IOException {
    try {
      return ManifestComment.decode(EndRecord.read(file).comment());
    } catch (NewerManifestException e) {
      throw e;
    } catch (BadZipException e) {
      return null;
    }
  }

  private static boolean isOf(Manifest said, String archive, BatchName name) {
    return said.archive().equals(archive)
        && said.worker().equals(name.worker())
        && said.seq() == name.seq();
  }

  /** What is known of the batch; the file's time stands for that of its closing. */
  private record Origin(String archive, BatchName name, @Nullable Manifest said, long modified) {}

  private void rebuild(DiskFile file, Path path, RegionScan scan, Origin origin)
      throws IOException {
    Path redo = path.resolveSibling(origin.name().file() + BatchName.REDO);
    DirectoryBuilder directory = new DirectoryBuilder(4096);
    disk.delete(redo);
    Salvager.Region region = Salvager.copyGood(disk, file, redo, scan.good(), directory, null);
    int directoryCrc = Crc32c.of(directory.bytes());
    long lost = lost(file.size(), scan, origin.said());
    Manifest manifest = manifest(origin, scan, region, directoryCrc, lost);
    new Sealing(disk, redo, manifest, directory).end(redo);
  }

  private static long lost(long size, RegionScan scan, @Nullable Manifest said) {
    if (said != null) {
      return Math.max(0, said.region() - scan.end());
    }
    return scan.clean() ? 0 : size - scan.end();
  }

  private Manifest manifest(
      Origin origin, RegionScan scan, Salvager.Region region, int directoryCrc, long lost) {
    Manifest said = origin.said();
    BatchName name = origin.name();
    return new Manifest(
        Manifest.VERSION,
        Manifest.idOf(name.worker(), name.seq(), origin.archive()),
        said == null ? session : said.session(),
        name.worker(),
        name.seq(),
        origin.archive(),
        scan.good().size(),
        region.bytes(),
        region.length(),
        region.crc(),
        directoryCrc,
        said == null ? origin.modified() : said.opened(),
        said == null ? origin.modified() : said.closed(),
        new Manifest.Salvaged(by, lost, scan.bad().size()),
        null);
  }

  private static String reason(String damage, RegionScan scan, long size) {
    StringBuilder reason = new StringBuilder("a damaged batch: ").append(damage);
    reason.append("; the ").append(scan.good().size());
    reason.append(" entries in it whose checksums hold were taken from it and are merged");
    if (!scan.bad().isEmpty()) {
      List<Long> places = scan.bad().stream().map(RegionScan.Span::position).toList();
      reason.append("; those at the bytes ").append(places).append(" are damaged");
    }
    if (!scan.clean()) {
      reason.append("; its bytes from ").append(scan.end()).append(" on cannot be read as entries");
    } else if (scan.end() == size) {
      reason.append("; it ends after them, and what followed is not known");
    }
    return reason.toString();
  }
}
