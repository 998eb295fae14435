package io.sheaf.nio;

import io.sheaf.deposit.AppendStream;
import java.io.IOException;

/** A log: what was flushed becomes an entry even if the program dies before it is closed. */
final class LogOutput extends EntryOutput {
  private final AppendStream log;

  LogOutput(Writers writers, Place place, AppendStream log) {
    super(writers, place);
    this.log = log;
  }

  @Override
  boolean change(GivenAttributes change) {
    return false;
  }

  @Override
  void send(byte[] bytes, int offset, int length) throws IOException {
    log.write(bytes, offset, length);
  }

  @Override
  public synchronized void flush() throws IOException {
    if (!isEnded()) {
      log.flush();
    }
  }

  @Override
  void commit() throws IOException {
    log.close();
  }

  @Override
  void giveUp() {
    try {
      log.close();
    } catch (IOException e) {
      // What was flushed becomes an entry all the same.
    }
  }
}
