package io.sheaf.adopt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lock of rear's own scavenger: flock(2) on {@code inbox/rear.lock}. Java has POSIX locks only,
 * which exclude no flock, so flock(1) holds it until the pipe to it is closed: by us, or by our
 * death.
 */
public final class RearLock implements PeerLock {
  private static final Logger LOG = LoggerFactory.getLogger(RearLock.class);
  private static final String BUSY = "91";

  @Override
  public Optional<Held> tryLock(Path inbox) throws IOException {
    Process process;
    try {
      process =
          new ProcessBuilder(
                  "flock", "-n", "-E", BUSY, inbox.resolve("rear.lock").toString(), "cat")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      LOG.warn("flock(1) is not there, so make sure that no rear-scavenger runs: {}", e.toString());
      return Optional.of(() -> {});
    }
    return isHeld(process) ? Optional.of(new Child(process)) : Optional.empty();
  }

  @Override
  public boolean isOpen(Path zip) throws IOException {
    return OpenFiles.has(zip);
  }

  /** Whoever gives a byte back has come to run, and so has the lock. */
  private static boolean isHeld(Process process) throws IOException {
    try {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    } catch (IOException e) {
      // It has ended already: its status says why.
    }
    try (InputStream said = process.getInputStream()) {
      if (said.read() >= 0) {
        return true;
      }
    }
    int status = waitFor(process);
    if (status != Integer.parseInt(BUSY)) {
      throw new IOException("flock(1) fails with " + status + ": may rear.lock be written?");
    }
    return false;
  }

  /** Who holds it for us. */
  private record Child(Process process) implements Held {
    @Override
    public void ensureValid() throws IOException {
      if (!process.isAlive()) {
        throw new IOException("flock(1), which held rear.lock, was ended");
      }
    }

    @Override
    public void close() throws IOException {
      process.getOutputStream().close();
      int unused = waitFor(process);
    }
  }

  private static int waitFor(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it waits for flock(1)", e);
    }
  }
}
