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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /** Takes in what was read of a file already, as it was in that state. */
  public synchronized void know(Path path, FileState state, MixedFile file) {
    known.put(path, new Known(state, file, ""));
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
    Map<Path, FileState> fresh = new LinkedHashMap<>();
    for (String name : disk.list(directory)) {
      if (BatchName.parse(name).isPresent() && !name.startsWith(".")) {
        Path path = directory.resolve(name);
        disk.stat(path).ifPresent(state -> see(path, state, before.get(path), fresh));
      }
    }
    if (!fresh.isEmpty()) {
      readAll(fresh);
    }
  }

  private void see(Path path, FileState state, @Nullable Known before, Map<Path, FileState> fresh) {
    if (before != null && before.state().equals(state)) {
      known.put(path, before);
    } else {
      fresh.put(path, state);
    }
  }

  private void readAll(Map<Path, FileState> fresh) throws IOException {
    try (Ahead<Map.Entry<Path, FileState>, Known> ahead =
        new Ahead<>(List.copyOf(fresh.entrySet()), file -> read(file.getKey(), file.getValue()))) {
      for (Path path : fresh.keySet()) {
        try {
          known.put(path, ahead.next());
        } catch (NoSuchFileException e) {
          // Gone since it was listed: all its parts are committed.
        }
      }
    }
  }

  private Known read(Path path, FileState state) throws IOException {
    try {
      return new Known(state, MixedFile.read(disk, path), "");
    } catch (BadZipException e) {
      return new Known(state, null, String.valueOf(e.getMessage()));
    }
  }
}
