package io.sheaf.exec;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a command has printed and no worker has taken: some of it in memory, the rest in a file
 * without a name. So the command never waits for a worker. One thread puts, one takes.
 */
final class OutputSpool implements Closeable {
  private static final int PIECE = 64 << 10;

  private final long memoryLimit;
  private final Path directory;
  private final Deque<byte[]> memory = new ArrayDeque<>();
  private long inMemory;
  private @Nullable FileChannel file;
  private long written;
  private long read;
  private boolean held;
  private boolean ended;
  private long dropped;
  private @Nullable IOException problem;

  /**
   * @param directory for the file
   * @param held whether nobody takes anything until {@link #release}
   */
  OutputSpool(long memoryLimit, Path directory, boolean held) {
    this.memoryLimit = memoryLimit;
    this.directory = directory;
    this.held = held;
  }

  /**
   * Keeps a piece. Waits only if the file cannot be written and somebody takes what is in memory;
   * if nobody does, the piece is dropped and counted.
   */
  synchronized void put(byte[] piece) throws InterruptedException {
    while (!tryPut(piece)) {
      if (held) {
        dropped += piece.length;
        return;
      }
      wait();
    }
    notifyAll();
  }

  /** What is in memory is older than what is in the file. */
  private boolean tryPut(byte[] piece) {
    boolean room = inMemory == 0 || inMemory + piece.length <= memoryLimit;
    if (read == written && room) {
      memory.addLast(piece);
      inMemory += piece.length;
      return true;
    }
    return problem == null && write(piece);
  }

  private boolean write(byte[] piece) {
    try {
      FileChannel to = open();
      ByteBuffer bytes = ByteBuffer.wrap(piece);
      while (bytes.hasRemaining()) {
        to.write(bytes, written + bytes.position());
      }
      written += piece.length;
      return true;
    } catch (IOException e) {
      problem = e;
      return false;
    }
  }

  private FileChannel open() throws IOException {
    FileChannel open = file;
    if (open == null) {
      Path name = Files.createTempFile(directory, "sheaf-exec-", ".spool");
      open =
          FileChannel.open(
              name,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      file = open;
    }
    return open;
  }

  /** The next piece, null at the end; waits for either. */
  synchronized byte @Nullable [] take() throws IOException, InterruptedException {
    while (memory.isEmpty() && read == written && !ended) {
      wait();
    }
    byte[] next = memory.pollFirst();
    if (next != null) {
      inMemory -= next.length;
    } else if (read < written) {
      next = fromFile();
    }
    notifyAll();
    return next;
  }

  private byte[] fromFile() throws IOException {
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, written - read));
    while (piece.hasRemaining()) {
      if (open().read(piece, read + piece.position()) < 0) {
        throw new IOException("the file with the command's output was cut off");
      }
    }
    read += piece.capacity();
    if (read == written) {
      open().truncate(0);
      read = 0;
      written = 0;
      problem = null; // There is room again.
    }
    return piece.array();
  }

  /** Whether nothing waits to be taken now. */
  synchronized boolean isEmpty() {
    return memory.isEmpty() && read == written;
  }

  /** Nothing more is put. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** From now on somebody takes. */
  synchronized void release() {
    held = false;
    notifyAll();
  }

  /** How many bytes were dropped, and why; null when none were. */
  synchronized @Nullable String loss() {
    IOException reason = problem;
    return dropped == 0
        ? null
        : dropped
            + " bytes of output are lost: "
            + (reason == null ? "there was no room" : directory + ": " + reason.getMessage());
  }

  @Override
  public synchronized void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
