package io.sheaf.archive;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A staged file that will take the archive's place. */
final class Replacement extends Staging {
  private final Disk disk;
  private final Path staged;
  private final @Nullable DiskFile old;
  private final long oldData;

  Replacement(Disk disk, Path staged, @Nullable DiskFile old, Ledger.Contents before) {
    super(old, before);
    this.disk = disk;
    this.staged = staged;
    this.old = old;
    this.oldData = before.dataLength();
  }

  @Override
  DiskFile open() throws IOException {
    disk.delete(staged);
    DiskFile created = InDirectory.make(disk, InDirectory.of(staged), () -> disk.create(staged));
    try {
      if (old != null) {
        old.copyTo(created, 0, 0, oldData);
      }
      return created;
    } catch (IOException e) {
      created.close();
      throw e;
    }
  }

  @Override
  boolean isArchive() {
    return false;
  }

  @Override
  void discard() throws IOException {
    close();
    disk.delete(staged);
  }
}
