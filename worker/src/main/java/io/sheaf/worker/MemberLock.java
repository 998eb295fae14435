package io.sheaf.worker;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that a member keeps locked for as long as it is registered, {@code lock/.members/<id>}.
 * Whoever gets that lock meanwhile knows that locks are worth nothing between the two of them. It
 * says, too, which process the member is, and which session it serves.
 */
public final class MemberLock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MemberLock.class);

  private final Disk disk;
  private final Path sheaf;
  private final Path file;
  private final @Nullable DiskLock lock;

  private MemberLock(Disk disk, Path sheaf, Path file, @Nullable DiskLock lock) {
    this.disk = disk;
    this.sheaf = sheaf;
    this.file = file;
    this.lock = lock;
  }

  /** Takes the lock; to be called before the member is registered. Never fails. */
  public static MemberLock take(Disk disk, BaseDirectory base, String id, String session) {
    Path file = base.member(id);
    try {
      Optional<DiskLock> lock = InDirectory.tryLock(disk, file);
      if (lock.isPresent()) {
        try (DiskFile out = disk.openForWrite(file)) {
          out.write(ByteBuffer.wrap(MemberMark.ofThis(session).json()), 0);
        }
      }
      return new MemberLock(disk, base.sheaf(), file, lock.orElse(null));
    } catch (IOException e) {
      log.warn("{}: what locks are worth here cannot be tried: {}", file, e.getMessage());
      return new MemberLock(disk, base.sheaf(), file, null);
    }
  }

  /** Which process a member is, as far as it could say so. */
  public static Optional<ProcessIdentity> process(Disk disk, BaseDirectory base, String id)
      throws IOException {
    return disk.readIfPresent(base.member(id)).flatMap(MemberMark::parse).map(MemberMark::process);
  }

  Path file() {
    return file;
  }

  boolean isHeld() {
    return lock != null;
  }

  /** The last to leave takes the directories away; whoever needs them makes them again. */
  private void removeDirectories() {
    try {
      InDirectory.removeEmpty(disk, InDirectory.of(file), sheaf);
    } catch (IOException e) {
      log.debug("{} stays behind: {}", InDirectory.of(file), e.getMessage());
    }
  }

  /** Removes the file and lets go; to be called when the member is not registered any more. */
  @Override
  public void close() {
    if (lock == null) {
      return;
    }
    try (DiskLock held = lock) {
      held.ensureValid();
      disk.delete(file);
    } catch (IOException e) {
      log.debug("{} stays behind: {}", file, e.getMessage());
      return;
    }
    removeDirectories();
  }
}
