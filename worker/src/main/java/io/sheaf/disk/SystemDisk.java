package io.sheaf.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The filesystems of this machine.
 *
 * <p>POSIX drops all of a process's locks on a file when the process closes any descriptor of it.
 * So a file that is locked here is never opened a second time: opening it yields the channel of its
 * lock. Threads that use this disk must not be interrupted, for an interrupt closes the channel
 * under all who share it.
 */
public final class SystemDisk implements Disk {
  private final LockTable locks = LockTable.OF_THIS_PROCESS;
  private final BlockSharing sharing = new BlockSharing();

  @Override
  public DiskFile create(Path file) throws IOException {
    // Not the channel of a lock that is held on it: a file that is there must be refused.
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new SystemFile(file, channel, true);
  }

  @Override
  public DiskFile openForWrite(Path file) throws IOException {
    return open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  @Override
  public DiskFile openForRead(Path file) throws IOException {
    return open(file, StandardOpenOption.READ);
  }

  private DiskFile open(Path file, OpenOption... options) throws IOException {
    Optional<FileChannel> locked = locks.channelOf(file);
    return locked.isPresent()
        ? new SystemFile(file, locked.get(), false)
        : new SystemFile(file, FileChannel.open(file, Links.refused(file, options)), true);
  }

  @Override
  public Optional<FileState> stat(Path path) throws IOException {
    try {
      BasicFileAttributes a =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return Optional.of(
          new FileState(
              a.isRegularFile(),
              a.isDirectory(),
              a.size(),
              a.lastModifiedTime().toMillis(),
              String.valueOf(a.fileKey())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        names.add(String.valueOf(entry.getFileName()));
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Collections.sort(names);
    return names;
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      createDirectories(parent);
    }
    Files.createDirectories(directory);
    if (parent != null) {
      syncDirectory(parent);
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    String key = stat(from).map(FileState::key).orElse("");
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      boolean happened =
          stat(from).isEmpty() && stat(to).map(FileState::key).filter(key::equals).isPresent();
      if (!happened) {
        throw e;
      }
    }
  }

  @Override
  public void link(Path existing, Path name) throws IOException {
    Files.createLink(name, existing);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    return Files.deleteIfExists(file);
  }

  @Override
  public boolean deleteEmptyDirectory(Path directory) throws IOException {
    try {
      return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
          && Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException e) {
      return false;
    }
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      SystemFile.sync(directory, channel);
    }
  }

  @Override
  public void revalidate(Path directory) throws IOException {
    try {
      FileChannel.open(directory, StandardOpenOption.READ).close();
    } catch (NoSuchFileException e) {
      // And that is known for sure now.
    }
  }

  @Override
  public Optional<DiskLock> tryLock(Path file) throws IOException {
    return locks.tryLock(file, true);
  }

  @Override
  public Optional<DiskLock> tryLockExisting(Path file) throws IOException {
    return locks.tryLock(file, false);
  }

  @Override
  public boolean sharesBlocks(Path directory) throws IOException {
    return sharing.isOn(directory);
  }
}
