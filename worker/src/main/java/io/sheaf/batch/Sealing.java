package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The end of a batch: what makes a region with its directory a closed batch, durably. */
final class Sealing {
  private static final int PIECE = 1 << 20;

  private final Disk disk;
  private final Path part;
  private final Path target;
  private final Manifest manifest;
  private final DirectoryBuilder directory;
  private final ByteBuffer last;
  private final int crc;
  private @Nullable BeforeName before;

  /** Of a batch of one archive. */
  Sealing(Disk disk, Path part, Manifest manifest, DirectoryBuilder directory) {
    this(disk, part, manifest, directory, ByteBuffer.allocate(0), manifest.crc32c());
  }

  /**
   * Of a batch of several archives, whose last entry is written here too.
   *
   * @param crc CRC32C of the region before that entry
   */
  Sealing(Disk disk, Path part, Manifest manifest, MixedListing.End end, int crc) {
    this(disk, part, manifest, end.directory(), end.last(), crc);
  }

  private Sealing(
      Disk disk,
      Path part,
      Manifest manifest,
      DirectoryBuilder directory,
      ByteBuffer last,
      int crc) {
    this.last = last;
    this.crc = crc;
    this.disk = disk;
    this.part = part;
    this.target = part.resolveSibling(new BatchName(manifest.worker(), manifest.seq()).file());
    this.manifest = manifest;
    this.directory = directory;
  }

  /** What must be done when the batch is durable and has not its final name yet. */
  interface BeforeName {
    void run() throws IOException;
  }

  Sealing with(@Nullable BeforeName step) {
    before = step;
    return this;
  }

  Path target() {
    return target;
  }

  /** Ends the file that holds the region and gives it its final name; returns its size. */
  long inPlace(DiskFile file) throws IOException {
    long size = writeEnd(file);
    file.sync();
    step();
    publish(part);
    return size;
  }

  /** The open batch must be found after a crash from here on, so its name must be durable too. */
  private void step() throws IOException {
    BeforeName step = before;
    if (step != null) {
      disk.syncDirectory(part.resolveSibling(".").normalize());
      step.run();
    }
  }

  /** Ends a file that holds the region and nothing more, and gives it its final name. */
  long end(Path region) throws IOException {
    long size;
    try (DiskFile file = disk.openForWrite(region)) {
      size = writeEnd(file);
      file.sync();
    }
    publish(region);
    return size;
  }

  private void publish(Path file) throws IOException {
    disk.rename(file, target);
    disk.syncDirectory(target.resolveSibling(".").normalize());
  }

  /**
   * Copies the region to a file that was never synced in vain, ends that one, and gives it the
   * final name; returns its size.
   */
  long anew(DiskFile region) throws IOException {
    Path redo = target.resolveSibling(target.getFileName() + BatchName.REDO);
    disk.delete(redo);
    long size;
    try (DiskFile file = disk.create(redo)) {
      copy(region, file);
      size = writeEnd(file);
      file.sync();
    }
    if (before != null) {
      // After a crash it is the open batch that counts: it must be the one that is durable.
      disk.rename(redo, part);
      step();
      publish(part);
      return size;
    }
    publish(redo);
    disk.delete(part);
    return size;
  }

  private void copy(DiskFile from, DiskFile to) throws IOException {
    CRC32C sum = new CRC32C();
    long region = manifest.region() - last.remaining();
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, region));
    for (long at = 0; at < region; at += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), region - at));
      from.readFully(piece, at);
      sum.update(piece.flip());
      to.write(piece.rewind(), at);
    }
    if ((int) sum.getValue() != crc) {
      throw new IOException(part + " does not hold any more what was written to it");
    }
  }

  private long writeEnd(DiskFile file) throws IOException {
    EndRecord end =
        EndRecord.of(
            directory.entries(),
            manifest.region(),
            directory.length(),
            directory.bytes(),
            ManifestComment.encode(manifest));
    ByteBuffer[] rest = {last.duplicate(), directory.bytes(), end.encode()};
    file.write(rest, manifest.region() - last.remaining());
    return manifest.region() + directory.length() + end.length();
  }
}
