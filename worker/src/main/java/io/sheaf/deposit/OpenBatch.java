package io.sheaf.deposit;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.EntryWriter;
import io.sheaf.batch.MixedPart;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.disk.Disk;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An open batch. Whoever took it from the {@link BatchPool} has it alone until it is given back.
 */
final class OpenBatch {
  private final BatchWriter writer;
  private final ArchiveBatches archive;
  private final boolean shared;

  /** Added to by who has the batch; looked at by others. */
  private final Map<ArchiveBatches, MixedPart> parts = new ConcurrentHashMap<>();

  private final Map<ArchiveBatches, List<String>> names = new HashMap<>();
  private final List<Kept> kept = new ArrayList<>();
  private boolean durableName;

  /** To be sealed as soon as it is given back; the pool may say so while another has it. */
  private volatile boolean retired;

  /**
   * @param archive whose batch it is; when it is shared, what counts the shared ones
   */
  OpenBatch(BatchWriter writer, ArchiveBatches archive, boolean shared, boolean durableName) {
    this.writer = writer;
    this.archive = archive;
    this.shared = shared;
    this.durableName = durableName;
  }

  BatchWriter writer() {
    return writer;
  }

  ArchiveBatches archive() {
    return archive;
  }

  /** Whether it holds parts of several archives. */
  boolean isShared() {
    return shared;
  }

  /** The part that an archive has in it, null as long as it has none. */
  @Nullable MixedPart part(ArchiveBatches of) {
    return parts.get(of);
  }

  void addPart(ArchiveBatches of, MixedPart part) {
    parts.put(of, part);
  }

  Map<ArchiveBatches, MixedPart> parts() {
    return parts;
  }

  /** Whether something of an archive is in it, or will be. */
  boolean holds(String name) {
    return shared
        ? parts.keySet().stream().anyMatch(of -> of.archive().equals(name))
        : archive.archive().equals(name);
  }

  void append(List<PreparedEntry> entries) throws IOException {
    writer.append(entries);
  }

  EntryWriter begin(
      @Nullable MixedPart part,
      String name,
      long modified,
      Attributes attributes,
      @Nullable DepositId id,
      long size)
      throws IOException {
    return writer.begin(part, name, modified, attributes, id, size);
  }

  /** Makes contents and name of the {@code .part} durable. */
  void sync(Disk disk, Path directory) throws IOException {
    writer.sync();
    if (!durableName) {
      disk.syncDirectory(directory);
      durableName = true;
    }
  }

  /** An entry was appended whose contents are in an append log too. */
  void keep(Kept entry) {
    if (kept.isEmpty()) {
      writer.settleBeforeName(() -> entry.keeper().settle(kept));
    }
    kept.add(entry);
    entry.taken();
  }

  /** Remembers a name that stays taken until the batch is closed. */
  void keepName(ArchiveBatches of, String name) {
    names.computeIfAbsent(of, a -> new ArrayList<>()).add(name);
  }

  /** Gives free all names that were kept. */
  void freeNames() {
    names.forEach((of, kept) -> kept.forEach(of::freeName));
  }

  void retire() {
    retired = true;
  }

  boolean isRetired() {
    return retired;
  }
}
