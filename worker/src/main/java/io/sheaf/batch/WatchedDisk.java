package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.FileState;
import io.sheaf.disk.ForwardingDisk;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A disk that does nothing by name below a base directory that is not there: nothing is made in the
 * mount point of a filesystem that is unmounted, nothing is changed in another base directory, and
 * nothing counts as absent because everything is. Files that are open go on: they are in the
 * filesystem that they were opened in.
 */
public final class WatchedDisk extends ForwardingDisk {
  private final Disk plain;
  private final BaseDirectory base;
  private final BaseWatch watch;

  public WatchedDisk(Disk disk, BaseDirectory base, BaseWatch watch) {
    super(disk);
    this.plain = disk;
    this.base = base;
    this.watch = watch;
  }

  private void check(Path path) throws BaseGoneException {
    if (path.startsWith(base.root())) {
      watch.check();
    }
  }

  /** Something to be done by name. */
  private interface Step<T> {
    T run() throws IOException;
  }

  /** Does it if the base is there; that there is no such file holds if it still is. */
  private <T> T checked(Path path, Step<T> step) throws IOException {
    check(path);
    try {
      return step.run();
    } catch (NoSuchFileException e) {
      check(path);
      throw e;
    }
  }

  /** As {@link #checked}; an answer that there is nothing is checked too. */
  private <T> Optional<T> found(Path path, Step<Optional<T>> step) throws IOException {
    Optional<T> found = checked(path, step);
    if (found.isEmpty()) {
      check(path);
    }
    return found;
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    return checked(file, () -> super.create(file));
  }

  @Override
  public DiskFile openForWrite(Path file) throws IOException {
    return checked(file, () -> super.openForWrite(file));
  }

  @Override
  public DiskFile openForRead(Path file) throws IOException {
    return checked(file, () -> super.openForRead(file));
  }

  @Override
  public Optional<FileState> stat(Path path) throws IOException {
    return found(path, () -> super.stat(path));
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    List<String> names = checked(directory, () -> super.list(directory));
    if (names.isEmpty()) {
      check(directory);
    }
    return names;
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    check(directory);
    super.createDirectories(directory);
    try {
      check(directory);
    } catch (BaseGoneException e) {
      // It went right between look and step: what was made now is in the bare mount point.
      InDirectory.removeEmpty(plain, directory, base.root());
      throw e;
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    change(to, () -> super.rename(from, to));
  }

  @Override
  public void link(Path existing, Path name) throws IOException {
    change(name, () -> super.link(existing, name));
  }

  @Override
  public boolean delete(Path file) throws IOException {
    boolean deleted = checked(file, () -> super.delete(file));
    if (!deleted) {
      check(file);
    }
    return deleted;
  }

  @Override
  public boolean deleteEmptyDirectory(Path directory) throws IOException {
    return checked(directory, () -> super.deleteEmptyDirectory(directory));
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    change(directory, () -> super.syncDirectory(directory));
    check(directory);
  }

  private void change(Path path, InDirectory.Change change) throws IOException {
    checked(
        path,
        () -> {
          change.make();
          return path;
        });
  }

  @Override
  public Optional<DiskLock> tryLock(Path file) throws IOException {
    return checked(file, () -> super.tryLock(file));
  }

  @Override
  public Optional<DiskLock> tryLockExisting(Path file) throws IOException {
    return found(file, () -> super.tryLockExisting(file));
  }
}
