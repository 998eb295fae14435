package io.sheaf.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A disk that does everything on another one, for those that do some of it otherwise. */
public abstract class ForwardingDisk implements Disk {
  private final Disk disk;

  protected ForwardingDisk(Disk disk) {
    this.disk = disk;
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    return disk.create(file);
  }

  @Override
  public DiskFile openForWrite(Path file) throws IOException {
    return disk.openForWrite(file);
  }

  @Override
  public DiskFile openForRead(Path file) throws IOException {
    return disk.openForRead(file);
  }

  @Override
  public Optional<FileState> stat(Path path) throws IOException {
    return disk.stat(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    disk.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void link(Path existing, Path name) throws IOException {
    disk.link(existing, name);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    return disk.delete(file);
  }

  @Override
  public boolean deleteEmptyDirectory(Path directory) throws IOException {
    return disk.deleteEmptyDirectory(directory);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    disk.syncDirectory(directory);
  }

  @Override
  public void revalidate(Path directory) throws IOException {
    disk.revalidate(directory);
  }

  @Override
  public boolean sharesBlocks(Path directory) throws IOException {
    return disk.sharesBlocks(directory);
  }

  @Override
  public Optional<DiskLock> tryLock(Path file) throws IOException {
    return disk.tryLock(file);
  }

  @Override
  public Optional<DiskLock> tryLockExisting(Path file) throws IOException {
    return disk.tryLockExisting(file);
  }
}
