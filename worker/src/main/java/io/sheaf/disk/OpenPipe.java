package io.sheaf.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A pipe of the kernel whose writing end another process is given: the JDK tells of neither end
 * which descriptor it is.
 */
public final class OpenPipe implements Closeable {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final int TRIES = 100;
  private static final int ACCESS = 03;
  private static final int WRITE_ONLY = 01;

  private final Pipe pipe;
  private final Path sink;

  private OpenPipe(Pipe pipe, Path sink) {
    this.pipe = pipe;
    this.sink = sink;
  }

  /** Makes a pipe. It takes longer the more files this process has open. */
  public static synchronized OpenPipe open() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      Map<Path, String> before = pipes();
      Pipe pipe = Pipe.open();
      Map<Path, String> after = pipes();
      after.values().removeAll(before.values());
      if (after.values().stream().distinct().count() == 1) {
        return new OpenPipe(pipe, writing(after));
      }
      close(pipe); // Another thread has made one at the same time.
    }
    throw new IOException("no pipe can be made: others are made all the time");
  }

  private static Map<Path, String> pipes() throws IOException {
    Map<Path, String> all = new TreeMap<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path each : open) {
        String what = what(each);
        if (what.startsWith("pipe:")) {
          all.put(each, what);
        }
      }
    }
    return all;
  }

  private static String what(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException e) {
      return ""; // It was the one that lists them, or has been closed.
    }
  }

  private static Path writing(Map<Path, String> ends) throws IOException {
    for (Path end : ends.keySet()) {
      Path info = Path.of("/proc/self/fdinfo").resolve(end.getFileName());
      for (String line : Files.readAllLines(info)) {
        if (line.startsWith("flags:")
            && (Long.parseLong(line.substring(6).strip(), 8) & ACCESS) == WRITE_ONLY) {
          return end;
        }
      }
    }
    throw new IOException("no end of a pipe can be written to: " + ends);
  }

  /** The end that is read; it blocks unless it is told not to. */
  public Pipe.SourceChannel source() {
    return pipe.source();
  }

  /** A name of the writing end, until {@link #closeSink}. */
  public Path sink() {
    return sink;
  }

  /** The number of the writing end in this process, until {@link #closeSink}. */
  public int sinkDescriptor() {
    return Integer.parseInt(String.valueOf(sink.getFileName()));
  }

  /** Another process has the writing end: only after this there can be an end of file. */
  public void closeSink() throws IOException {
    pipe.sink().close();
  }

  private static void close(Pipe pipe) throws IOException {
    pipe.sink().close();
    pipe.source().close();
  }

  @Override
  public void close() throws IOException {
    close(pipe);
  }
}
