package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.FileState;
import io.sheaf.tree.Manifest;
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
  static final String MIXED = Manifest.MIXED;

  private static final String ZIP = ".zip";

  private final Disk disk;
  private final BaseDirectory base;
  private final MixedFiles mixed;

  public Inbox(Disk disk, BaseDirectory base) {
    this(disk, base, new MixedFiles(disk, base));
  }

  /** With batches of several archives that others look at too, so that each is read once. */
  public Inbox(Disk disk, BaseDirectory base, MixedFiles mixed) {
    this.disk = disk;
    this.base = base;
    this.mixed = mixed;
  }

  /** The closed batches of several archives. */
  public MixedFiles mixed() {
    return mixed;
  }

  /**
   * The archives that have an inbox, each with the names of the files in it, and those that only
   * have a part in a batch of several.
   */
  public SortedMap<String, List<String>> archives() throws IOException {
    SortedMap<String, List<String>> found = new TreeMap<>();
    walk("", found);
    for (String archive : mixed.archives()) {
      found.putIfAbsent(archive, List.of());
    }
    return found;
  }

  private void walk(String prefix, SortedMap<String, List<String>> found) throws IOException {
    for (String name : disk.list(base.inbox().resolve(prefix))) {
      String archive = prefix + name;
      // A link leads elsewhere, and a file that somebody put here names no archive.
      if (!isDirectory(base.inbox(archive))) {
        continue;
      }
      if (!name.endsWith(ZIP)) {
        if (!archive.equals(MIXED)) {
          walk(archive + "/", found);
        }
      } else if (isArchive(archive)) {
        found.put(archive, disk.list(base.inbox(archive)));
      }
    }
  }

  private static boolean isArchive(String name) {
    try {
      Target.checkArchive(name);
      return true;
    } catch (BadTargetException e) {
      return false;
    }
  }

  /**
   * Makes sure that the way to an archive's inbox, as far as it is there, leads through directories
   * only: who may write here could otherwise have batches written, and read, elsewhere by a link.
   *
   * @throws IOException that names what is in the way
   */
  static void requirePlain(Disk disk, BaseDirectory base, String archive) throws IOException {
    Path root = base.root();
    for (Path name : root.relativize(base.inbox(archive))) {
      root = root.resolve(name);
      if (disk.stat(root).filter(state -> !state.isDirectory()).isPresent()) {
        throw new IOException(root + " is a link or a file where a directory belongs: remove it");
      }
    }
  }

  private boolean isDirectory(Path path) throws IOException {
    return disk.stat(path).filter(FileState::isDirectory).isPresent();
  }

  /**
   * What lies in the inbox under a name, or at a place, at which no batch is looked for. Hidden
   * files are left out: they are copies under way, or what NFS keeps of files that were removed.
   */
  public List<Path> strays() throws IOException {
    List<Path> strays = new ArrayList<>();
    strays("", strays);
    mixedStrays(strays);
    return strays;
  }

  private void mixedStrays(List<Path> strays) throws IOException {
    disk.list(base.inbox(MIXED)).stream()
        .filter(f -> !f.startsWith(".") && !isBatch(MIXED, f))
        .forEach(f -> strays.add(base.inbox(MIXED).resolve(f)));
  }

  private void strays(String prefix, List<Path> strays) throws IOException {
    for (String name : disk.list(base.inbox().resolve(prefix))) {
      Path path = base.inbox().resolve(prefix + name);
      if (name.startsWith(".")) {
        continue;
      }
      if (!isDirectory(path) || (name.endsWith(ZIP) && !isArchive(prefix + name))) {
        strays.add(path);
      } else if (name.endsWith(ZIP)) {
        disk.list(path).stream()
            .filter(f -> !f.startsWith(".") && !isBatch(prefix + name, f))
            .forEach(f -> strays.add(path.resolve(f)));
      } else {
        strays(prefix + name + "/", strays);
      }
    }
  }

  private boolean isBatch(String archive, String file) {
    return file.endsWith(ZIP) || part(archive, file).isPresent();
  }

  /**
   * What lies in an inbox.
   *
   * @param bytes of all its files, those that are still written included
   * @param archives that have some of it
   */
  public record Backlog(long bytes, int archives) {}

  /** What waits to be merged or is on its way there, by the sizes of the files. */
  public Backlog backlog() throws IOException {
    SortedMap<String, List<String>> found = archives();
    long bytes = sizes(base.inbox(MIXED), disk.list(base.inbox(MIXED)));
    Path appends = base.inbox(AppendLogName.PLACE);
    bytes += sizes(appends, disk.list(appends));
    int archives = 0;
    for (var archive : found.entrySet()) {
      bytes += sizes(base.inbox(archive.getKey()), archive.getValue());
      // An inbox stays when it is empty; one without files has a part in a batch of several.
      archives += isEmptyInbox(archive.getKey(), archive.getValue()) ? 0 : 1;
    }
    return new Backlog(bytes, archives);
  }

  private boolean isEmptyInbox(String archive, List<String> files) throws IOException {
    return files.isEmpty() && !mixed.archives().contains(archive);
  }

  private long sizes(Path directory, List<String> names) throws IOException {
    long sum = 0;
    for (String name : names) {
      sum += disk.stat(directory.resolve(name)).map(FileState::size).orElse(0L);
    }
    return sum;
  }

  /**
   * The files in an archive's inbox that have the name of a closed batch, sorted by name.
   *
   * @throws IOException too when a link or a file is in the place of the inbox
   */
  public List<Path> closed(String archive) throws IOException {
    requirePlain(disk, base, archive);
    Path inbox = base.inbox(archive);
    return disk.list(inbox).stream()
        .filter(name -> name.endsWith(ZIP))
        .map(inbox::resolve)
        .toList();
  }

  /**
   * Batches that are open, and those that a worker or a salvage left so; before them append logs,
   * which are to be salvaged first.
   */
  public List<OpenPart> parts() throws IOException {
    List<OpenPart> parts = new ArrayList<>(appendLogs());
    SortedMap<String, List<String>> found = new TreeMap<>();
    walk("", found);
    found.put(MIXED, disk.list(base.inbox(MIXED)));
    found.forEach(
        (archive, files) -> files.forEach(file -> part(archive, file).ifPresent(parts::add)));
    return parts;
  }

  private List<OpenPart> appendLogs() throws IOException {
    Path place = base.inbox(AppendLogName.PLACE);
    List<OpenPart> logs = new ArrayList<>();
    for (String file : disk.list(place)) {
      AppendLogName.parse(file)
          .map(
              name ->
                  new OpenPart(
                      AppendLogName.PLACE, name.worker(), name.number(), place.resolve(file)))
          .ifPresent(logs::add);
    }
    return logs;
  }

  /** The file of a batch of several archives, as something to be salvaged: its end is damaged. */
  public Optional<OpenPart> damaged(Path file) {
    return BatchName.parse(String.valueOf(file.getFileName()))
        .map(b -> new OpenPart(MIXED, b.worker(), b.seq(), file));
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
