package io.sheaf.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What lies in a directory of Sheaf's own, which is there only while something is in it. */
final class FilesBelow {
  private FilesBelow() {}

  /** All regular files below it; the directory itself if one went while it was walked. */
  static List<Path> of(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (UncheckedIOException e) {
      return List.of(directory);
    }
  }
}
