package io.sheaf.exec;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Keeps what no worker takes: in a file, in the first directory that allows one, or on the error
 * stream where none does. It goes on until the command prints no more.
 */
final class Rescue {
  private final List<Path> directories;
  private final String name;
  private final OutputStream otherwise;
  private String where = "on the error stream";
  private long kept;
  private long lost;

  /**
   * @param name of the file; where it is taken, a number is added
   * @param otherwise where it goes if no file can be made
   */
  Rescue(List<Path> directories, String name, OutputStream otherwise) {
    this.directories = directories;
    this.name = name;
    this.otherwise = otherwise;
  }

  /** Keeps all that there is and all that comes; says where it is. */
  String keep(byte[] first, byte[] second, OutputSpool rest) {
    OutputStream out = open();
    write(out, first);
    write(out, second);
    drain(out, rest);
    close(out);
    return "what may not be in the archive is "
        + where
        + ", "
        + kept
        + " bytes"
        + (lost == 0 ? "" : "; " + lost + " bytes more are lost, for it took no more");
  }

  private OutputStream open() {
    for (Path directory : directories) {
      for (int i = 0; i < 100; i++) {
        Path file = directory.resolve(i == 0 ? name + ".log" : name + "." + i + ".log");
        if (!Files.exists(file)) {
          try {
            OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW);
            where = "in " + file;
            return out;
          } catch (IOException e) {
            break; // Not in this directory.
          }
        }
      }
    }
    return otherwise;
  }

  private void write(OutputStream out, byte[] piece) {
    try {
      if (lost == 0) {
        out.write(piece);
        kept += piece.length;
        return;
      }
    } catch (IOException e) {
      // Counted below; the command must not stand still for it.
    }
    lost += piece.length;
  }

  private void drain(OutputStream out, OutputSpool rest) {
    try {
      for (byte[] piece = rest.take(); piece != null; piece = rest.take()) {
        write(out, piece);
      }
    } catch (IOException e) {
      where += " up to where the spool could not be read (" + e.getMessage() + ")";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("ReferenceEquality") // there is one
  private void close(OutputStream out) {
    try {
      if (out == otherwise) {
        out.flush();
      } else {
        out.close();
      }
    } catch (IOException e) {
      where += " (" + e.getMessage() + ")";
    }
  }
}
