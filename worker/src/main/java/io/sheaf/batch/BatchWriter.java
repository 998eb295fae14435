package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DepositId;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.EntryHeader;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One open batch: a {@code .part} file under a POSIX lock, to which entries are appended. One
 * thread at a time. It holds entries of one archive, or parts of several: see {@link MixedFile}.
 *
 * <pre>
 * region     local header, contents, local header, contents …      as in the destination
 * directory  a record an entry                                      written by {@link #seal}
 * end        the manifest as archive comment, in JSON
 * </pre>
 */
public final class BatchWriter {
  private final Disk disk;
  private final BaseDirectory base;
  private final Origin origin;
  private final Compression compression;
  private final Clock clock;
  private final Path part;
  private final DiskLock lock;
  private final DiskFile file;
  private final long opened;
  private final DirectoryBuilder directory = new DirectoryBuilder(4096);
  private final @Nullable MixedListing mixed;
  private long region;
  private int regionCrc;
  private long bytes;
  private boolean broken;
  private boolean streaming;
  private List<PendingBatch> published = List.of();
  private Sealing.@Nullable BeforeName beforeName;

  private BatchWriter(
      Disk disk,
      BaseDirectory base,
      Origin origin,
      Compression compression,
      Clock clock,
      Path part,
      DiskLock lock)
      throws IOException {
    this.disk = disk;
    this.base = base;
    this.origin = origin;
    this.compression = compression;
    this.clock = clock;
    this.part = part;
    this.lock = lock;
    this.file = disk.openForWrite(part);
    this.opened = clock.millis();
    this.mixed = origin.archive().equals(Manifest.MIXED) ? new MixedListing() : null;
  }

  /**
   * Opens the batch {@code <worker>-<seq>} of an archive.
   *
   * @param durable whether the name of the {@code .part} is durable when this returns
   */
  public static BatchWriter open(
      Disk disk,
      BaseDirectory base,
      Origin origin,
      Compression compression,
      boolean durable,
      Clock clock)
      throws IOException {
    Inbox.requirePlain(disk, base, origin.archive());
    Path inbox = base.inbox(origin.archive());
    Path part = inbox.resolve(new BatchName(origin.worker(), origin.seq()).file() + BatchName.PART);
    DiskLock lock = lockNew(disk, part);
    try {
      BatchWriter writer = new BatchWriter(disk, base, origin, compression, clock, part, lock);
      if (durable) {
        disk.syncDirectory(inbox);
      }
      return writer;
    } catch (IOException e) {
      try (lock) {
        disk.delete(part); // Or every attempt on a disk that fails would leave an empty file.
      } catch (IOException another) {
        e.addSuppressed(another);
      }
      throw e;
    }
  }

  private static DiskLock lockNew(Disk disk, Path part) throws IOException {
    if (disk.stat(part).isPresent()) {
      throw new FileAlreadyExistsException(part + " exists: two workers have one name");
    }
    return InDirectory.tryLock(disk, part)
        .orElseThrow(() -> new FileAlreadyExistsException(part + " is locked by another process"));
  }

  /**
   * Whose batch this is.
   *
   * @param archive {@link Manifest#MIXED} for a batch of several, which are numbered like those of
   *     an archive
   */
  public record Origin(String session, String worker, String archive, long seq) {}

  public Origin origin() {
    return origin;
  }

  /**
   * Appends entries with one write, or a few when they are large. When this returns they survive
   * the death of the process; when it throws, none of them is in the batch, and {@link #isBroken}
   * says whether the batch can go on.
   */
  public void append(List<PreparedEntry> entries) throws IOException {
    ensureUsable();
    reserve(entries);
    RegionWriter out = new RegionWriter(file, region);
    int[] sums = new int[entries.size()];
    try {
      for (int i = 0; i < sums.length; i++) {
        sums[i] = out.write(entries.get(i));
      }
      out.flush();
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      cutBack(e);
      throw e;
    }
    synchronized (directory) {
      addAll(entries, sums);
    }
    regionCrc = Crc32c.combine(regionCrc, out.crc32c(), out.length());
  }

  private void addAll(List<PreparedEntry> entries, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      PreparedEntry entry = entries.get(i);
      directory.add(entry.header(), region);
      list(entry.part(), entry.header(), entry.length(), sums[i]);
      region += entry.length();
      bytes += entry.header().size();
    }
  }

  private void list(@Nullable MixedPart part, EntryHeader header, long length, int crc) {
    if (mixed != null && part != null) {
      mixed.add(part, header, length, crc);
    }
  }

  private void requirePart(@Nullable MixedPart part) {
    if ((part == null) != (mixed == null)) {
      throw new IllegalArgumentException("an entry is of a part where the batch is of several");
    }
  }

  /** What is in the file must be in the directory, so memory may run out before the file only. */
  private void reserve(List<PreparedEntry> entries) {
    long records = 0;
    for (PreparedEntry entry : entries) {
      requirePart(entry.part());
      records += entry.header().directoryLength(region);
    }
    // An entry further on may pass 4 GiB, and its record then has an offset of 8 bytes.
    directory.reserve(records + entries.size() * (long) Integer.SIZE);
    if (mixed != null) {
      mixed.reserve(entries.size());
    }
  }

  /** As for a whole group. */
  void reserve(EntryHeader header) {
    directory.reserve(header.directoryLength(region));
    if (mixed != null) {
      mixed.reserve(1);
    }
  }

  /**
   * Begins an entry whose contents come in pieces. Nothing else may be appended until it is
   * committed or aborted.
   *
   * @param modified milliseconds since the epoch
   * @param size of the contents if known, else -1
   */
  public EntryWriter begin(String name, long modified, long size) throws IOException {
    return begin(null, name, modified, size);
  }

  /**
   * As {@link #begin(String, long, long)}, in a batch of several archives.
   *
   * @param part of this batch to which the entry belongs; null in a batch of one archive
   */
  public EntryWriter begin(@Nullable MixedPart part, String name, long modified, long size)
      throws IOException {
    return begin(part, name, modified, Attributes.FILE, null, size);
  }

  /**
   * As above, of an entry that is more than a plain file.
   *
   * @param id of the deposit, if it has one
   */
  public EntryWriter begin(
      @Nullable MixedPart part,
      String name,
      long modified,
      Attributes attributes,
      @Nullable DepositId id,
      long size)
      throws IOException {
    ensureUsable();
    requirePart(part);
    EntryWriter entry =
        new EntryWriter(
            this, file, region, part, name, modified, attributes, id, size, compression);
    streaming = true;
    try {
      entry.begin();
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      ended(e);
      throw e;
    }
    return entry;
  }

  /** Takes in an entry that was written after the region. */
  void committed(@Nullable MixedPart part, EntryHeader header, int headerCrc, int contentsCrc) {
    long length = header.localLength() + header.compressedSize();
    int crc = Crc32c.combine(headerCrc, contentsCrc, header.compressedSize());
    synchronized (directory) {
      directory.add(header, region);
    }
    list(part, header, length, crc);
    regionCrc = Crc32c.combine(regionCrc, crc, length);
    region += length;
    bytes += header.size();
    streaming = false;
  }

  /** Forgets an entry that was written after the region, for the reason that is given if any. */
  void ended(Throwable reason) throws IOException {
    streaming = false;
    cutBack(reason);
  }

  private void cutBack(Throwable reason) {
    try {
      file.truncate(region);
    } catch (IOException e) {
      broken = true;
      reason.addSuppressed(e);
    }
  }

  private void ensureUsable() throws IOException {
    if (broken) {
      throw new IOException(part + " could not be written and takes no more entries");
    }
    if (streaming) {
      throw new IllegalStateException("an entry is still being written to " + part);
    }
  }

  /** Makes everything appended so far durable. After a failure the batch is broken. */
  public void sync() throws IOException {
    ensureUsable();
    try {
      file.sync();
    } catch (IOException e) {
      broken = true;
      throw e;
    }
  }

  /** Whether nothing more can be appended, because the file could not be cut back or synced. */
  public boolean isBroken() {
    return broken;
  }

  /** Bytes in the file so far. */
  public long length() {
    return region;
  }

  public long entries() {
    return directory.entries();
  }

  /** What was appended so far, and can be read from the file. From any thread. */
  public OpenListing listing() {
    synchronized (directory) {
      return new OpenListing(part, directory.bytes(), mixed != null);
    }
  }

  /** Bytes of memory that the central directory to be takes. */
  public long directoryBytes() {
    return directory.length();
  }

  /** Milliseconds since the epoch. */
  public long opened() {
    return opened;
  }

  /**
   * Closes the batch: central directory and manifest, sync, rename, sync of the directory. When
   * this returns the batch is durable under its final name. When it throws, the {@code .part} and
   * its lock are still there and this may be called again: it then writes the whole batch anew from
   * what it can still read, and checks that against the sums taken when it was appended.
   */
  public PendingBatch seal() throws IOException {
    if (streaming) {
      throw new IllegalStateException("an entry is still being written to " + part);
    }
    long now = clock.millis();
    MixedListing.End end = mixed == null ? null : mixed.end(directory, region, now);
    DirectoryBuilder records = end == null ? directory : end.directory();
    Manifest manifest = manifest(end, Crc32c.of(records.bytes()), now);
    Sealing sealing =
        end == null
            ? new Sealing(disk, part, manifest, directory)
            : new Sealing(disk, part, manifest, end, regionCrc);
    sealing.with(beforeName);
    boolean again = broken;
    // Once begun, this file is either sealed or never trusted again.
    broken = true;
    long size = again ? sealing.anew(file) : sealing.inPlace(file);
    lock.close();
    String path = base.relative(sealing.target());
    List<Manifest> each = end == null ? List.of(manifest) : end.manifests(manifest);
    published =
        each.stream().map(m -> new PendingBatch(PendingBatch.VERSION, path, size, m)).toList();
    return new PendingBatch(PendingBatch.VERSION, path, size, manifest);
  }

  /** What is to be done when all is durable, and nobody else can see the batch yet. */
  public interface Settling {
    void settle() throws IOException;
  }

  /**
   * Has something done by {@link #seal}, after the open batch is durable and before it gets its
   * final name. When it throws, the batch is not sealed, and it is done again with the next try.
   */
  public void settleBeforeName(Settling settling) {
    beforeName = settling::settle;
  }

  /** After {@link #seal}: what is to be published; of a batch of several archives each part. */
  public List<PendingBatch> published() {
    return published;
  }

  private Manifest manifest(MixedListing.@Nullable End end, int directoryCrc, long now) {
    int last = end == null ? 0 : end.last().remaining();
    return new Manifest(
        Manifest.VERSION,
        Manifest.idOf(origin.worker(), origin.seq(), origin.archive()),
        origin.session(),
        origin.worker(),
        origin.seq(),
        origin.archive(),
        directory.entries(),
        bytes,
        region + last,
        end == null ? regionCrc : Crc32c.combine(regionCrc, Crc32c.of(end.last()), last),
        directoryCrc,
        opened,
        now,
        null,
        end == null ? null : region);
  }

  /**
   * Removes a batch without entries, or lets go of one that could not be sealed: its file stays,
   * for salvage.
   */
  public void abandon() throws IOException {
    try {
      if (directory.entries() == 0) {
        disk.delete(part);
      }
    } finally {
      lock.close();
    }
  }
}
