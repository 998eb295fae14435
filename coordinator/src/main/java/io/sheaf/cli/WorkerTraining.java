package io.sheaf.cli;

import io.sheaf.zkinit.EmbeddedZooKeeper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the launcher has run once, for the archive of a worker: a worker, with a ZooKeeper server in
 * the same process, that takes tar streams until its code is compiled. A JDK that keeps profiles in
 * the archive (JEP 515) then compiles a worker's code when it is first used, and only once.
 *
 * <pre>WorkerTraining DIR</pre>
 *
 * where the directory is empty and will be removed.
 */
final class WorkerTraining {
  private static final int STREAMS = 6;
  private static final int MEMBERS = 12_000;
  private static final int SIZE = 1_000;
  private static final long MOST_SECONDS = 60;

  /** What tar writes at a time. */
  private static final int PIECE = 20 * 512;

  private final Path directory;
  private final Path socket;

  private WorkerTraining(Path directory) {
    this.directory = directory;
    this.socket = directory.resolve("s");
  }

  public static void main(String[] args) {
    DefaultLogLevel.quiet();
    startDeadline();
    int status = ExitStatus.FAILED;
    try {
      new WorkerTraining(Path.of(args[0])).run();
      status = ExitStatus.DONE;
    } catch (IOException | InterruptedException e) {
      System.err.println("sheaf: training: " + e);
    } finally {
      Termination.exit(status); // Ends the worker and the server too.
    }
  }

  /** Whoever starts a worker waits for this. */
  private static void startDeadline() {
    Thread deadline = new Thread(WorkerTraining::endLate, "training-deadline");
    deadline.setDaemon(true);
    deadline.start();
  }

  private static void endLate() {
    try {
      TimeUnit.SECONDS.sleep(MOST_SECONDS);
      Runtime.getRuntime().halt(ExitStatus.FAILED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() throws IOException, InterruptedException {
    EmbeddedZooKeeper server = EmbeddedZooKeeper.builder(directory.resolve("zk")).start();
    Files.createDirectories(directory.resolve("base"));
    Thread worker = new Thread(() -> work(server.servers()), "training");
    worker.setDaemon(true);
    worker.start();
    while (!Files.exists(socket)) {
      if (!worker.isAlive()) {
        throw new IllegalStateException("the worker has ended");
      }
      Thread.sleep(10);
    }
    for (int i = 0; i < STREAMS; i++) {
      upload("/a" + i + ".zip/?extract=tar");
    }
  }

  private void work(String servers) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.keySet().removeIf(name -> name.matches("(SHEAF|SLURM)_.*"));
    String[] args = {
      "worker",
      "-N",
      "training",
      "-r",
      directory.resolve("base").toString(),
      "--servers",
      servers,
      "--socket",
      socket.toString()
    };
    OutputStream nowhere = OutputStream.nullOutputStream();
    Sheaf.commandLine(new Context(environment, InputStream.nullInputStream(), nowhere, false), args)
        .execute(args);
  }

  private void upload(String uri) throws IOException {
    byte[] members = members();
    try (SocketChannel to = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      write(to, "PUT " + uri + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int at = 0; at < members.length; at += PIECE) {
        int n = Math.min(PIECE, members.length - at);
        write(to, Integer.toHexString(n) + "\r\n");
        write(to, ByteBuffer.wrap(members, at, n));
        write(to, "\r\n");
      }
      write(to, "0\r\n\r\n");
      ByteBuffer answer = ByteBuffer.allocate(4096);
      if (to.read(answer) < 0
          || !new String(answer.array(), 0, answer.position(), StandardCharsets.ISO_8859_1)
              .startsWith("HTTP/1.1 201")) {
        throw new IllegalStateException("a tar stream was not taken");
      }
    }
  }

  private static void write(SocketChannel to, String text) throws IOException {
    write(to, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  /** A tar archive, as GNU tar writes it. */
  private static byte[] members() {
    int blocks = 1 + (SIZE + 511) / 512;
    byte[] tar = new byte[(MEMBERS * blocks + 2) * 512];
    for (int i = 0; i < MEMBERS; i++) {
      int at = i * blocks * 512;
      put(tar, at, "./d" + i / 1000 + "/f" + i);
      put(tar, at + 100, "0000644\0" + "0001750\0" + "0001750\0");
      put(tar, at + 124, String.format("%011o\0%011o\0", SIZE, 1_700_000_000));
      put(tar, at + 156, "0");
      put(tar, at + 257, "ustar  \0");
      put(tar, at + 148, "        ");
      int sum = 0;
      for (int b = at; b < at + 512; b++) {
        sum += tar[b] & 0xFF;
      }
      put(tar, at + 148, String.format("%06o\0 ", sum));
      Arrays.fill(tar, at + 512, at + 512 + SIZE, (byte) i);
    }
    return tar;
  }

  private static void put(byte[] tar, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, tar, at, bytes.length);
  }
}
