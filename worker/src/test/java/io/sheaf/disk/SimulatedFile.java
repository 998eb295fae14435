package io.sheaf.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** An open file of a simulated disk. It stays open when its names are gone. */
final class SimulatedFile implements DiskFile {
  private final SimulatedDisk disk;
  private final Path path;
  private final int inode;

  SimulatedFile(SimulatedDisk disk, Path path, int inode) {
    this.disk = disk;
    this.path = path;
    this.inode = inode;
  }

  int inode() {
    return inode;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public long size() {
    return disk.size(inode);
  }

  @Override
  public int read(ByteBuffer target, long position) {
    return disk.read(inode, target, position);
  }

  @Override
  public void write(ByteBuffer source, long position) {
    disk.write(this, source, position);
  }

  @Override
  public void write(ByteBuffer[] sources, long position) {
    int length = 0;
    for (ByteBuffer source : sources) {
      length += source.remaining();
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (ByteBuffer source : sources) {
      all.put(source);
    }
    disk.write(this, all.flip(), position);
  }

  @Override
  public void copyTo(DiskFile target, long targetPosition, long position, long count)
      throws IOException {
    if (position + count > size()) {
      throw new EOFException(path + " ends before " + (position + count));
    }
    ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(count));
    readFully(all, position);
    target.write(all.flip(), targetPosition);
  }

  @Override
  public void truncate(long size) {
    disk.truncate(this, size);
  }

  @Override
  public void sync() {
    disk.sync(this);
  }

  /** Fails to sync: what was not synced before never will be, and it may be forgotten at once. */
  void failSync(boolean evict) {
    disk.failSync(this, evict);
  }

  @Override
  public void close() {
    // Nothing to give back.
  }
}
