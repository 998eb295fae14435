package io.sheaf.archive;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The archive itself, from its old directory on. Before the first byte of it is overwritten the
 * pre-image and the journal that names it are durable.
 */
final class Overwrite extends Staging {
  private final Disk disk;
  private final Path archive;
  private final DiskFile old;
  private final Ledger ledger;
  private final PreImage image;
  private final MergedDirectory directory;
  private final MergeGuard guard;
  private @Nullable DiskFile imageFile;

  Overwrite(
      Disk disk,
      Path archive,
      DiskFile old,
      Ledger ledger,
      PreImage image,
      MergedDirectory directory,
      MergeGuard guard) {
    super(old, ledger.contents());
    this.disk = disk;
    this.archive = archive;
    this.old = old;
    this.ledger = ledger;
    this.image = image;
    this.directory = directory;
    this.guard = guard;
  }

  @Override
  DiskFile open() throws IOException {
    guard.ensureValid();
    imageFile = image.write(old, ledger);
    directory.moveTo(imageFile, 0);
    guard.ensureValid();
    return disk.openForWrite(archive);
  }

  @Override
  boolean isArchive() {
    return true;
  }

  @Override
  void discard() throws IOException {
    close();
    image.undo(ledger.archive());
  }

  @Override
  public void close() throws IOException {
    try {
      super.close();
    } finally {
      if (imageFile != null) {
        imageFile.close();
      }
    }
  }
}
