package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.EntryHeader;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes the batches that hold salvaged segments. They count as those of a worker of their own,
 * whose name follows from that of the one that is gone: its own numbers are taken by its batches.
 */
final class SalvagedSegments {
  /** No worker's incarnation is so long. */
  private static final String SUFFIX = "appends";

  private static final long SHARED = 1;
  private static final long ALONE = 2;

  private final Disk disk;
  private final BaseDirectory base;
  private final String worker;
  private final String session;
  private final String by;
  private final Clock clock;
  private final SegmentContents.Logs logs;

  SalvagedSegments(
      Disk disk,
      BaseDirectory base,
      String worker,
      String session,
      String by,
      Clock clock,
      SegmentContents.Logs logs) {
    this.disk = disk;
    this.base = base;
    this.worker = worker;
    this.session = session;
    this.by = by;
    this.clock = clock;
    this.logs = logs;
  }

  /**
   * Writes a batch of segments of one archive, or of several; nothing to do when it is there.
   *
   * @param archive {@link Manifest#MIXED} for a batch of several
   */
  Optional<PendingBatch> write(String archive, List<AppendScan.Unended> segments)
      throws IOException {
    boolean mixed = archive.equals(Manifest.MIXED);
    BatchName name = new BatchName(worker + SUFFIX, mixed ? SHARED : ALONE);
    Path target = base.inbox(archive).resolve(name.file());
    Path redo = target.resolveSibling(name.file() + BatchName.REDO);
    disk.createDirectories(base.inbox(archive));
    disk.delete(redo);
    if (disk.stat(target).isPresent()) {
      disk.syncDirectory(base.inbox(archive));
      return Optional.empty();
    }
    DirectoryBuilder directory = new DirectoryBuilder(4096);
    MixedListing listing = new MixedListing();
    Salvager.Region region;
    try (DiskFile out = disk.create(redo)) {
      region = new Region(out, directory, mixed ? listing : null).write(segments);
    }
    long now = clock.millis();
    MixedListing.End end = mixed ? listing.end(directory, region.length(), now) : null;
    int directoryCrc = Crc32c.of((end == null ? directory : end.directory()).bytes());
    Manifest manifest = manifest(name, archive, segments.size(), region, end, directoryCrc, now);
    Sealing sealing =
        end == null
            ? new Sealing(disk, redo, manifest, directory)
            : new Sealing(disk, redo, manifest, end, region.crc());
    long size = sealing.end(redo);
    return Optional.of(
        new PendingBatch(PendingBatch.VERSION, base.relative(target), size, manifest));
  }

  private Manifest manifest(
      BatchName name,
      String archive,
      int entries,
      Salvager.Region region,
      MixedListing.@Nullable End end,
      int directoryCrc,
      long now) {
    int last = end == null ? 0 : end.last().remaining();
    return new Manifest(
        Manifest.VERSION,
        Manifest.idOf(name.worker(), name.seq(), archive),
        session,
        name.worker(),
        name.seq(),
        archive,
        entries,
        region.bytes(),
        region.length() + last,
        end == null ? region.crc() : Crc32c.combine(region.crc(), Crc32c.of(end.last()), last),
        directoryCrc,
        now,
        now,
        new Manifest.Salvaged(by, 0, 0),
        end == null ? null : region.length());
  }

  /** Writes entries one behind the other. */
  private final class Region {
    private final DiskFile out;
    private final DirectoryBuilder directory;
    private final @Nullable MixedListing listing;
    private final Map<String, MixedPart> parts = new HashMap<>();
    private long at;
    private long bytes;
    private int crc;

    Region(DiskFile out, DirectoryBuilder directory, @Nullable MixedListing listing) {
      this.out = out;
      this.directory = directory;
      this.listing = listing;
    }

    Salvager.Region write(List<AppendScan.Unended> segments) throws IOException {
      for (AppendScan.Unended each : segments) {
        write(each);
      }
      return new Salvager.Region(at, crc, bytes);
    }

    /** The header goes first and is written last: its length is known, the sum is not. */
    private void write(AppendScan.Unended segment) throws IOException {
      @Nullable MixedPart part =
          listing == null
              ? null
              : parts.computeIfAbsent(segment.head().archive(), a -> new MixedPart(a, SHARED));
      long contents = at + header(segment, part, 0).localLength();
      CRC32 sum = new CRC32();
      CRC32C written = new CRC32C();
      long[] to = {contents};
      segment
          .contents()
          .read(
              logs,
              piece -> {
                sum.update(piece.duplicate());
                written.update(piece.duplicate());
                int n = piece.remaining();
                out.write(piece, to[0]);
                to[0] += n;
              });
      EntryHeader header = header(segment, part, (int) sum.getValue());
      ByteBuffer local = ByteBuffer.allocate(header.localLength());
      header.encodeLocal(local);
      int headerSum = Crc32c.of(local.flip());
      out.write(local, at);
      add(part, header, Crc32c.combine(headerSum, (int) written.getValue(), header.size()));
    }

    private void add(@Nullable MixedPart part, EntryHeader header, int entryCrc) {
      long length = header.localLength() + header.size();
      if (listing != null && part != null) {
        listing.add(part, header, length, entryCrc);
      }
      directory.add(header, at);
      crc = Crc32c.combine(crc, entryCrc, length);
      at += length;
      bytes += header.size();
    }

    private EntryHeader header(AppendScan.Unended segment, @Nullable MixedPart part, int sum) {
      SegmentHead head = segment.head();
      Long modified = head.modified();
      long size = segment.contents().size();
      return new EntryHeader(
          part == null ? head.entry().getBytes(StandardCharsets.UTF_8) : part.nameOf(head.entry()),
          ZipFormat.STORED,
          modified == null ? segment.time() : modified,
          sum,
          size,
          size,
          false,
          part == null ? 0 : part.seq(),
          head.attributes(),
          segment.contents().key().id(worker));
    }
  }
}
