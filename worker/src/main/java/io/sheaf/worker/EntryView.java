package io.sheaf.worker;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.zip.Attributes;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * Entries in closed batches and in archives, for any number of threads, which wait for the disk.
 */
public interface EntryView {
  /** Sees nothing. */
  EntryView NONE =
      new EntryView() {
        @Override
        public Optional<Found> find(String archive, String name) {
          return Optional.empty();
        }

        @Override
        public List<Listed> list(String archive, String prefix) {
          return List.of();
        }
      };

  /** Makes the view of a base directory. */
  interface Maker {
    EntryView of(Disk disk, BaseDirectory base);
  }

  /**
   * An entry.
   *
   * @param size of its contents in bytes
   * @param modified seconds since the epoch
   * @param state {@code open}, {@code pending} or {@code merged}
   */
  record Listed(String name, long size, long modified, Attributes attributes, String state) {}

  /** An entry with its contents, to be closed. */
  record Found(Listed entry, InputStream contents) implements Closeable {
    @Override
    public void close() throws IOException {
      contents.close();
    }
  }

  /** The newest entry of that name: of the batches, else of the archive. */
  Optional<Found> find(String archive, String name) throws IOException;

  /** All entries whose names begin so, the newest first where a name comes twice. */
  List<Listed> list(String archive, String prefix) throws IOException;
}
