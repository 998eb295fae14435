package io.sheaf.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The POSIX locks that this process holds, by device and inode. */
final class LockTable {
  /** One for the process, since it is the process to which POSIX gives a lock. */
  static final LockTable OF_THIS_PROCESS = new LockTable();

  private final Map<Object, HeldLock> held = new HashMap<>();

  private LockTable() {}

  /** The channel of the lock on a file, if it is held here. */
  synchronized Optional<FileChannel> channelOf(Path file) throws IOException {
    if (held.isEmpty()) {
      return Optional.empty();
    }
    return Optional.ofNullable(keyOf(file)).map(held::get).map(lock -> lock.channel);
  }

  synchronized Optional<DiskLock> tryLock(Path file, boolean create) throws IOException {
    while (true) {
      Object before = keyOf(file);
      if (before == null && !create) {
        return Optional.empty();
      }
      if (before != null && held.containsKey(before)) {
        return Optional.empty();
      }
      FileChannel channel = open(file, create);
      if (channel == null) {
        return Optional.empty();
      }
      FileLock lock = lock(channel);
      if (lock == null) {
        return Optional.empty();
      }
      // Whoever held the lock may have renamed or removed the file between look and lock: only
      // when the name means the same file before and after is it the one that is locked.
      if (before != null && before.equals(keyOf(file))) {
        HeldLock taken = new HeldLock(file, before, channel);
        held.put(before, taken);
        return Optional.of(taken);
      }
      channel.close();
    }
  }

  private static @Nullable FileChannel open(Path file, boolean create) throws IOException {
    Set<OpenOption> options =
        new HashSet<>(Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
    if (create) {
      options.add(StandardOpenOption.CREATE);
    }
    try {
      return FileChannel.open(file, Links.refused(file, options.toArray(OpenOption[]::new)));
    } catch (NoSuchFileException e) {
      if (create) {
        throw e;
      }
      // Renamed or removed since it was seen.
      return null;
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held by a part of this process that goes past this table; the same as held.
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock;
  }

  private static @Nullable Object keyOf(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private synchronized void release(HeldLock lock) throws IOException {
    if (held.remove(lock.key, lock)) {
      lock.channel.close();
    }
  }

  private final class HeldLock implements DiskLock {
    private final Path file;
    private final Object key;
    private final FileChannel channel;

    HeldLock(Path file, Object key, FileChannel channel) {
      this.file = file;
      this.key = key;
      this.channel = channel;
    }

    @Override
    public void ensureValid() throws IOException {
      if (!channel.isOpen()) {
        throw new IOException("the lock on " + file + " was let go");
      }
      if (!key.equals(keyOf(file))) {
        throw new IOException("the lock file " + file + " was removed or replaced");
      }
    }

    @Override
    public void close() throws IOException {
      release(this);
    }
  }
}
