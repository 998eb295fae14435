package io.sheaf.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.LoggerFactory;

/**
 * Has what every longer command needs, and what takes long to be ready, made ready by another
 * thread while the command line is read: the logger and Jackson, whose dates ask for the locale.
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
      Object read = new ObjectMapper().readTree("{\"version\":1}");
      LoggerFactory.getLogger(HeadStart.class).debug("read: {}", read);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // It is no file that was read.
    }
  }
}
