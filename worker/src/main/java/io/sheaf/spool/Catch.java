package io.sheaf.spool;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.disk.Disk;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Files that were taken together. Their names are durable before the first of them is moved, and
 * the moves before the first is deposited; each is deposited under an id that follows from the
 * catch's name and its number. So whoever finds a catch after a crash deposits what is in it once
 * more, and no entry comes twice.
 *
 * @param directory {@code cur/CATCH}
 * @param names where each was below {@code new}, with slashes: its target
 */
record Catch(Path directory, List<String> names) {
  private static final String NAMES = "names";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<String>> LIST = new TypeReference<>() {};

  /** A new one, without files; durable when this returns. */
  static Catch begin(SpoolPlace place, List<String> names) throws IOException {
    Disk disk = place.disk();
    Path directory = place.taken().resolve(UUID.randomUUID().toString());
    disk.createDirectories(directory);
    Publication.replace(disk, directory.resolve(NAMES), JSON.writeValueAsBytes(names));
    return new Catch(directory, List.copyOf(names));
  }

  /** Those that an earlier worker has left, in no order. */
  static List<Path> left(SpoolPlace place) throws IOException {
    return place.disk().list(place.taken()).stream().map(place.taken()::resolve).toList();
  }

  /** One that was left; empty when it has no names yet, and so no files. */
  static Optional<Catch> read(SpoolPlace place, Path directory) throws IOException {
    Optional<byte[]> json = place.disk().readIfPresent(directory.resolve(NAMES));
    return json.isEmpty()
        ? Optional.empty()
        : Optional.of(new Catch(directory, JSON.readValue(json.get(), LIST)));
  }

  Path file(int number) {
    return directory.resolve(String.valueOf(number));
  }

  /** The same for a file in each attempt to deposit it, and for no other file. */
  String id(int number) {
    return directory.getFileName() + "." + number;
  }

  /** The files that are in it, by number. */
  List<Integer> present(Disk disk) throws IOException {
    return disk.list(directory).stream()
        .filter(name -> name.matches("\\d{1,9}"))
        .map(Integer::valueOf)
        .filter(number -> number < names.size())
        .sorted()
        .toList();
  }

  /** Removes it, once no file is in it any more. */
  void remove(Disk disk) throws IOException {
    for (String name : new TreeSet<>(disk.list(directory))) {
      if (!name.matches("\\d+")) {
        disk.delete(directory.resolve(name));
      }
    }
    disk.deleteEmptyDirectory(directory);
  }
}
