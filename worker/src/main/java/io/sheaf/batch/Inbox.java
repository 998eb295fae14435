package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What lies in the inbox of a base directory, however it came there. */
public final class Inbox {
  /** Where batches of several archives lie, which are no archive's inbox. */
  static final String MIXED = ".mixed";

  private static final String ZIP = ".zip";

  private final Disk disk;
  private final BaseDirectory base;

  public Inbox(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  /** The archives that have an inbox, each with the names of the files in it. */
  public SortedMap<String, List<String>> archives() throws IOException {
    SortedMap<String, List<String>> found = new TreeMap<>();
    walk("", found);
    return found;
  }

  private void walk(String prefix, SortedMap<String, List<String>> found) throws IOException {
    for (String name : disk.list(base.inbox().resolve(prefix))) {
      String archive = prefix + name;
      if (name.endsWith(ZIP)) {
        found.put(archive, disk.list(base.inbox(archive)));
      } else if (!archive.equals(MIXED)) {
        walk(archive + "/", found);
      }
    }
  }

  /** The files in an archive's inbox that have the name of a closed batch, sorted by name. */
  public List<Path> closed(String archive) throws IOException {
    Path inbox = base.inbox(archive);
    return disk.list(inbox).stream()
        .filter(name -> name.endsWith(ZIP))
        .map(inbox::resolve)
        .toList();
  }

  /** Batches that are open, and those that a worker or a salvage left so. */
  public List<OpenPart> parts() throws IOException {
    List<OpenPart> parts = new ArrayList<>();
    archives()
        .forEach(
            (archive, files) -> files.forEach(file -> part(archive, file).ifPresent(parts::add)));
    return parts;
  }

  /** Reads the name of a file in an archive's inbox as that of an open batch. */
  public Optional<OpenPart> part(String archive, String file) {
    for (String ending : List.of(BatchName.PART, BatchName.SALVAGE)) {
      if (file.endsWith(ending)) {
        return BatchName.parse(file.substring(0, file.length() - ending.length()))
            .map(
                b -> new OpenPart(archive, b.worker(), b.seq(), base.inbox(archive).resolve(file)));
      }
    }
    return Optional.empty();
  }

  /**
   * What would be published of a closed batch.
   *
   * @throws io.sheaf.zip.BadZipException when it is damaged or no batch
   */
  public PendingBatch describe(Path batch) throws IOException {
    BatchFile file = BatchFile.read(disk, batch);
    return new PendingBatch(
        PendingBatch.VERSION, base.relative(batch), file.size(), file.manifest());
  }
}
