package io.sheaf.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What the launcher has run once, for the archive of the classes of {@code put}, {@code append},
 * {@code pickup} and {@code exec}: those commands, against a socket that takes everything. A real
 * worker would bring more classes into the archive than all of them need, and each is looked at
 * when they start.
 *
 * <pre>DoorTraining DIR</pre>
 *
 * where the directory is empty and will be removed.
 */
final class DoorTraining {
  private static final byte[] TAKEN =
      "HTTP/1.1 201 Created\r\nContent-Length: 0\r\nUpload-Offset: 4\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private final Path directory;
  private final Map<String, String> environment = new HashMap<>(System.getenv());

  private DoorTraining(Path directory) {
    this.directory = directory;
    environment.keySet().removeIf(name -> name.startsWith("SHEAF_"));
    environment.put("SHEAF_SOCKET", directory.resolve("s").toString());
  }

  public static void main(String[] args) throws IOException {
    DefaultLogLevel.quiet();
    new DoorTraining(Path.of(args[0])).run();
  }

  private void run() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
      Thread worker = new Thread(() -> serve(server), "training");
      worker.setDaemon(true);
      worker.start();
      String file = Files.writeString(directory.resolve("file"), "abc\n").toString();
      plain("put", file, "a.zip/file");
      parsed("put", "--durability", "write", file, "a.zip/file");
      parsed("put", "-R", directory.resolve("tree").toString(), "a.zip/");
      plain("append", "a.zip/log");
      plain("pickup", file, "a.zip/file");
      parsed("exec", "--stdout", "a.zip/%h", "--stderr", "a.zip/e", "--", "echo", "abc");
    }
  }

  private void plain(String... args) {
    PrintWriter out =
        new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
    SheafCommand command = PlainForm.of(context(), args);
    require(command == null ? -1 : PlainForm.run(command, out, out), args);
  }

  private void parsed(String... args) throws IOException {
    Files.createDirectories(directory.resolve("tree/below"));
    Files.writeString(directory.resolve("tree/file"), "abc\n");
    require(Sheaf.commandLine(context(), args).execute(args), args);
  }

  private Context context() {
    return new Context(environment, InputStream.nullInputStream(), System.out, false);
  }

  private static void require(int status, String... args) {
    if (status != ExitStatus.DONE) {
      throw new IllegalStateException(String.join(" ", args) + " ended with " + status);
    }
  }

  private static void serve(ServerSocketChannel server) {
    try {
      while (true) {
        SocketChannel client = server.accept();
        Thread thread = new Thread(() -> answer(client), "training-client");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException e) {
      // The training is over.
    }
  }

  /** One answer for each request that is there as a whole. */
  private static void answer(SocketChannel client) {
    try (client) {
      StringBuilder read = new StringBuilder();
      ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
      while (client.read(buffer.clear()) >= 0) {
        read.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
        for (int end = end(read); end >= 0; end = end(read)) {
          read.delete(0, end);
          client.write(ByteBuffer.wrap(TAKEN));
        }
      }
    } catch (IOException e) {
      // The client has gone.
    }
  }

  /** Where the first request ends; -1 when it is not there yet. */
  private static int end(StringBuilder read) {
    int head = read.indexOf("\r\n\r\n");
    if (head < 0) {
      return -1;
    }
    if (read.substring(0, head).contains("chunked")) {
      int last = read.indexOf("0\r\n\r\n", head + 4);
      return last < 0 ? -1 : last + 5;
    }
    String length = read.substring(0, head).replaceAll("(?s).*Content-Length: (\\d+).*", "$1");
    int end = head + 4 + Integer.parseInt(length);
    return end <= read.length() ? end : -1;
  }
}
