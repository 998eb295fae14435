package io.sheaf.adopt;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which files processes of this node have open, as far as this user may look. */
final class OpenFiles {
  private static final Path PROC = Path.of("/proc");

  private OpenFiles() {}

  /** Whether another process has a file open. */
  static boolean has(Path file) throws IOException {
    Path real = file.toRealPath();
    String self = String.valueOf(ProcessHandle.current().pid());
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (!process.endsWith(self) && has(process.resolve("fd"), real)) {
          return true;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return false;
  }

  private static boolean has(Path descriptors, Path file) {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
      for (Path descriptor : open) {
        if (Files.readSymbolicLink(descriptor).equals(file)) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return false; // Another user's process, or one that has just ended.
    }
    return false;
  }
}
