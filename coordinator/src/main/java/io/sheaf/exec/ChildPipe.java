package io.sheaf.exec;

import io.sheaf.disk.OpenPipe;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;

/**
 * A pipe whose one end a child process writes to. The JDK's own pipe to a child is closed when the
 * child has ended, whoever else still has it; this one has an end when nobody has it any more.
 */
final class ChildPipe implements Closeable {
  private final OpenPipe pipe;

  private ChildPipe(OpenPipe pipe) {
    this.pipe = pipe;
  }

  static ChildPipe open() throws IOException {
    return new ChildPipe(OpenPipe.open());
  }

  /** What the child's output is redirected to. */
  ProcessBuilder.Redirect redirect() {
    return ProcessBuilder.Redirect.to(new File(pipe.sink().toString()));
  }

  /** To be called once the child has its end: only then there is an end of file. */
  void started() throws IOException {
    pipe.closeSink();
  }

  /** Waits for what is written; its close ends that wait. */
  ReadableByteChannel source() {
    return pipe.source();
  }

  @Override
  public void close() throws IOException {
    pipe.close();
  }
}
