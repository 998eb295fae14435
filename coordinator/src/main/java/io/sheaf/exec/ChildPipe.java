package io.sheaf.exec;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A pipe whose one end a child process writes to. The JDK's own pipe to a child is closed when the
 * child has ended, whoever else still has it; this one has an end when nobody has it any more.
 */
final class ChildPipe implements Closeable {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final int TRIES = 100;
  private static final int ACCESS = 03;
  private static final int WRITE_ONLY = 01;

  private final Pipe pipe;
  private final Path sink;

  private ChildPipe(Pipe pipe, Path sink) {
    this.pipe = pipe;
    this.sink = sink;
  }

  /**
   * Of a pipe the JDK does not tell the descriptor, so it is looked for among those that are new.
   */
  static ChildPipe open() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      Map<Path, String> before = pipes();
      Pipe pipe = Pipe.open();
      Map<Path, String> after = pipes();
      after.values().removeAll(before.values());
      if (after.values().stream().distinct().count() == 1) {
        return new ChildPipe(pipe, writing(after));
      }
      close(pipe); // Another thread has made one at the same time.
    }
    throw new IOException("no pipe can be made for the command's output");
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

  /** What the child's output is redirected to. */
  ProcessBuilder.Redirect redirect() {
    return ProcessBuilder.Redirect.to(new File(sink.toString()));
  }

  /** To be called once the child has its end: only then there is an end of file. */
  void started() throws IOException {
    pipe.sink().close();
  }

  /** Waits for what is written; its close ends that wait. */
  ReadableByteChannel source() {
    return pipe.source();
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
