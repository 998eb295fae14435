package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.FileState;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The closed batches of several archives in an inbox, each read once: thousands of archives ask for
 * their parts of the same file. What has another size, time or inode than before is read again. Any
 * number of threads.
 */
public final class MixedFiles {
  private final Disk disk;
  private final BaseDirectory base;
  private final SortedMap<Path, Known> known = new TreeMap<>();

  /** Either a file or why it is none. */
  private record Known(FileState state, @Nullable MixedFile file, String problem) {}

  public MixedFiles(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  /** Those that are there now and can be read, by name. */
  public synchronized List<MixedFile> files() throws IOException {
    refresh();
    List<MixedFile> files = new ArrayList<>();
    for (Known each : known.values()) {
      if (each.file() != null) {
        files.add(each.file());
      }
    }
    return files;
  }

  /** Those that cannot be read as such batches, with the reason. */
  public synchronized SortedMap<Path, String> damaged() throws IOException {
    refresh();
    SortedMap<Path, String> damaged = new TreeMap<>();
    known.forEach(
        (path, each) -> {
          if (each.file() == null) {
            damaged.put(path, each.problem());
          }
        });
    return damaged;
  }

  /** The names of all archives that have a part in one. */
  public Set<String> archives() throws IOException {
    Set<String> archives = new HashSet<>();
    files().forEach(file -> archives.addAll(file.archives()));
    return archives;
  }

  private void refresh() throws IOException {
    Map<Path, Known> before = new HashMap<>(known);
    known.clear();
    Inbox.requirePlain(disk, base, Inbox.MIXED);
    Path directory = base.inbox(Inbox.MIXED);
    for (String name : disk.list(directory)) {
      if (BatchName.parse(name).isPresent() && !name.startsWith(".")) {
        Path path = directory.resolve(name);
        Optional<FileState> state = disk.stat(path);
        if (state.isPresent()) {
          look(path, state.get(), before.get(path));
        }
      }
    }
  }

  private void look(Path path, FileState state, @Nullable Known before) throws IOException {
    if (before != null && before.state().equals(state)) {
      known.put(path, before);
      return;
    }
    try {
      known.put(path, new Known(state, MixedFile.read(disk, path), ""));
    } catch (BadZipException e) {
      known.put(path, new Known(state, null, String.valueOf(e.getMessage())));
    } catch (NoSuchFileException e) {
      // Gone since it was listed: all its parts are committed.
    }
  }
}
