package io.sheaf.worker;

import io.sheaf.batch.OpenListing;
import io.sheaf.deposit.Lanes;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.worker.EntryView.Found;
import io.sheaf.worker.EntryView.Listed;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EntryStreams;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Entries in batches of this worker that are not sealed. */
final class OpenEntries {
  private static final String OPEN = "open";

  private final Lanes lanes;
  private final Disk disk;

  OpenEntries(Lanes lanes) {
    this.lanes = lanes;
    this.disk = lanes.disk();
  }

  /**
   * The entry that was appended last under a name.
   *
   * @throws java.nio.file.NoSuchFileException when its batch was sealed meanwhile: look again
   */
  Optional<Found> find(String archive, String name) throws IOException {
    List<OpenListing> open = lanes.unsealed(archive);
    for (int i = open.size() - 1; i >= 0; i--) {
      Optional<Found> found = find(open.get(i), archive, name);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<Found> find(OpenListing batch, String archive, String name) throws IOException {
    DirectoryCursor last = null;
    DirectoryCursor record = new DirectoryCursor(batch.directory());
    byte[] wanted = (prefix(batch, archive) + name).getBytes(StandardCharsets.UTF_8);
    while (record.next()) {
      if (isNamed(record, wanted)) {
        last = new DirectoryCursor(record.record());
        last.next();
      }
    }
    return last == null ? Optional.empty() : Optional.of(open(batch, name, last));
  }

  private static boolean isNamed(DirectoryCursor record, byte[] name) {
    return record.nameLength() == name.length
        && Arrays.equals(
            record.nameArray(), record.nameFrom(), record.nameTo(), name, 0, name.length);
  }

  /** Where several archives share a batch. */
  private static String prefix(OpenListing batch, String archive) {
    return batch.mixed() ? archive + "/" : "";
  }

  private Found open(OpenListing batch, String name, DirectoryCursor record) throws IOException {
    DiskFile file = disk.openForRead(batch.file());
    try {
      return new Found(listed(name, record), new Owning(EntryStreams.of(file, record), file));
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static Listed listed(String name, DirectoryCursor record) {
    return new Listed(name, record.size(), record.modified(), record.attributes(), OPEN);
  }

  /** All of them whose names begin so, those appended last first. */
  List<Listed> list(String archive, String directory) throws IOException {
    List<Listed> all = new ArrayList<>();
    for (OpenListing batch : lanes.unsealed(archive)) {
      String prefix = prefix(batch, archive);
      DirectoryCursor record = new DirectoryCursor(batch.directory());
      while (record.next()) {
        String name = record.nameText();
        if (name.startsWith(prefix) && name.startsWith(directory, prefix.length())) {
          all.add(listed(name.substring(prefix.length()), record));
        }
      }
    }
    Collections.reverse(all);
    return all;
  }

  /** Closes the file with the stream. */
  private static final class Owning extends FilterInputStream {
    private final DiskFile file;

    Owning(InputStream in, DiskFile file) {
      super(in);
      this.file = file;
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        file.close();
      }
    }
  }
}
