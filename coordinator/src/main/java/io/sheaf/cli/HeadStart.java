package io.sheaf.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.slf4j.LoggerFactory;

/**
 * Has what every longer command needs, and what takes long to be ready, made ready by another
 * thread while the command line is read: the logger and Jackson, whose dates ask for the locale.
 */
final class HeadStart {
  private HeadStart() {}

  static void begin() {
    Thread thread =
        new Thread(
            () -> {
              Object mapper = new ObjectMapper();
              LoggerFactory.getLogger(HeadStart.class).debug("{} is ready", mapper);
            },
            "head-start");
    thread.setDaemon(true);
    thread.start();
  }
}
