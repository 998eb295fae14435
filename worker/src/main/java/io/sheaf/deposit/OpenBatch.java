package io.sheaf.deposit;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.EntryWriter;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An open batch. Whoever took it from the {@link BatchPool} has it alone until it is given back.
 */
final class OpenBatch {
  private final BatchWriter writer;
  private final ArchiveBatches archive;
  private final List<String> names = new ArrayList<>();
  private boolean durableName;

  /** To be sealed as soon as it is given back; the pool may say so while another has it. */
  private volatile boolean retired;

  OpenBatch(BatchWriter writer, ArchiveBatches archive, boolean durableName) {
    this.writer = writer;
    this.archive = archive;
    this.durableName = durableName;
  }

  BatchWriter writer() {
    return writer;
  }

  ArchiveBatches archive() {
    return archive;
  }

  void append(List<PreparedEntry> entries) throws IOException {
    writer.append(entries);
  }

  EntryWriter begin(String name, long modified, long size) throws IOException {
    return writer.begin(name, modified, size);
  }

  /** Makes contents and name of the {@code .part} durable. */
  void sync(Disk disk, Path directory) throws IOException {
    writer.sync();
    if (!durableName) {
      disk.syncDirectory(directory);
      durableName = true;
    }
  }

  /** Remembers a name that stays taken until the batch is closed. */
  void keepName(String name) {
    names.add(name);
  }

  List<String> names() {
    return names;
  }

  void retire() {
    retired = true;
  }

  boolean isRetired() {
    return retired;
  }
}
