package io.sheaf.nio;

import io.sheaf.deposit.EntryContents;
import io.sheaf.deposit.EntryStat;
import io.sheaf.deposit.SocketReader;
import io.sheaf.zip.Attributes;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What is in the archives of a file system. */
final class Entries {
  /** As Linux follows them (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  private static final EntryStat ALWAYS = new EntryStat("", 0, 0, Attributes.PLAIN_DIRECTORY, "");

  private final SheafFileSystem fs;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();

  Entries(SheafFileSystem fs) {
    this.fs = fs;
  }

  /**
   * What a path is.
   *
   * @throws NoSuchFileException when it is nothing
   */
  EntryStat stat(SheafPath path, boolean follow) throws IOException {
    EntryStat listed = path.takeListed();
    if (listed != null && !(follow && listed.attributes().isSymlink())) {
      return listed;
    }
    Place place = follow ? followed(Place.of(path)) : Place.of(path);
    return find(place).orElseThrow(() -> new NoSuchFileException(path.toString()));
  }

  private Optional<EntryStat> find(Place place) throws IOException {
    if (!place.isEntry()) {
      return Optional.of(ALWAYS);
    }
    Optional<EntryStat> found = findExplicit(place);
    if (found.isPresent()) {
      return found;
    }
    Optional<List<EntryStat>> below =
        Problems.at(place.path(), () -> fs.reader().list(place.target()));
    return below.map(entries -> implied(entries));
  }

  /** The time of a directory that has no entry of its own is that of the newest in it. */
  private static EntryStat implied(List<EntryStat> entries) {
    long newest = entries.stream().mapToLong(EntryStat::modified).max().orElse(0);
    return new EntryStat("", 0, newest, Attributes.PLAIN_DIRECTORY, "");
  }

  /** The entry of that name, as a file or link, or as a directory. */
  Optional<EntryStat> findExplicit(Place place) throws IOException {
    place.check(place.target());
    return Problems.at(
        place.path(),
        () -> {
          SocketReader reader = fs.reader();
          Optional<EntryStat> file = reader.stat(place.target());
          return file.isPresent() ? file : reader.stat(place.slashed());
        });
  }

  /** Where the links lead that a path ends in. */
  private Place followed(Place place) throws IOException {
    Place at = place;
    for (int links = 0; at.isEntry(); links++) {
      Place link = at;
      Optional<EntryStat> found = Problems.at(link.path(), () -> fs.reader().stat(link.target()));
      if (found.isEmpty() || !found.get().attributes().isSymlink()) {
        return at;
      }
      if (links == MAX_LINKS) {
        throw new FileSystemLoopException(place.path().toString());
      }
      at = Place.of((SheafPath) at.path().resolveSibling(linkTarget(at.path())));
    }
    return at;
  }

  SheafPath real(SheafPath path, boolean follow) throws IOException {
    Place place = follow ? followed(Place.of(path)) : Place.of(path);
    EntryStat unused = stat(place.path(), false);
    return place.path();
  }

  String linkTarget(SheafPath link) throws IOException {
    try (EntryContents contents = open(Place.of(link))) {
      if (!contents.stat().attributes().isSymlink()) {
        throw new NotLinkException(link.toString());
      }
      return new String(contents.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The contents of a file; ended when the file system is closed. */
  InputStream contents(SheafPath path, boolean follow) throws IOException {
    return new ReadStream(open(target(path, follow)), open);
  }

  SeekableByteChannel readChannel(SheafPath path, boolean follow) throws IOException {
    return new ReadChannel(this, target(path, follow), open);
  }

  private Place target(SheafPath path, boolean follow) throws IOException {
    Place place = Place.of(path);
    Place end = follow ? followed(place) : place;
    end.check(end.target());
    return end;
  }

  /**
   * The contents of an entry, to be closed.
   *
   * @throws FileSystemException when it is a directory
   */
  EntryContents open(Place place) throws IOException {
    Optional<EntryContents> found =
        Problems.at(place.path(), () -> fs.reader().open(place.target()));
    if (found.isPresent()) {
      return found.get();
    }
    throw find(place).isPresent()
        ? SheafFileSystemProvider.isDirectory(place.path())
        : new NoSuchFileException(place.path().toString());
  }

  /** What is in a directory. */
  List<SheafPath> children(SheafPath directory) throws IOException {
    Place place = followed(Place.of(directory));
    if (!place.isEntry() && !place.isArchive()) {
      throw new FileSystemException(
          directory.toString(), null, "a worker does not list archives: begin at one, as /ar.zip");
    }
    List<EntryStat> found =
        Problems.at(place.path(), () -> fs.reader().list(place.target())).orElse(null);
    return found == null ? noChildren(directory, place) : paths(directory, found);
  }

  private List<SheafPath> noChildren(SheafPath directory, Place place) throws IOException {
    if (place.isArchive()) {
      return List.of();
    }
    if (findExplicit(place).isPresent()) {
      throw new NotDirectoryException(directory.toString());
    }
    throw new NoSuchFileException(directory.toString());
  }

  private static List<SheafPath> paths(SheafPath directory, List<EntryStat> found) {
    Map<String, SheafPath> paths = new LinkedHashMap<>();
    for (EntryStat each : found) {
      String name = each.name();
      boolean slash = name.endsWith("/");
      SheafPath child = directory.child(slash ? name.substring(0, name.length() - 1) : name);
      child.listed(each);
      @Nullable SheafPath unused = paths.putIfAbsent(child.toString(), child);
    }
    return List.copyOf(paths.values());
  }

  /** Ends what is being read. */
  void closeAll() {
    for (Closeable each : new ArrayList<>(open)) {
      try {
        each.close();
      } catch (IOException e) {
        // It was only read.
      }
    }
  }
}
