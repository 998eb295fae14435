package io.sheaf.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Has what every longer command needs, and what takes long to be ready, made ready by another
 * thread while the command line is read: Jackson, whose dates ask for the locale. Not the logger:
 * what others log while it is made ready comes with a warning of SLF4J's.
 */
final class HeadStart {
  private HeadStart() {}

  static void begin() {
    Thread thread = new Thread(HeadStart::run, "head-start");
    thread.setDaemon(true);
    thread.start();
  }

  private static void run() {
    try {
      Object unused = new ObjectMapper().readTree("{\"version\":1}");
    } catch (IOException e) {
      throw new UncheckedIOException(e); // It is no file that was read.
    }
  }
}
