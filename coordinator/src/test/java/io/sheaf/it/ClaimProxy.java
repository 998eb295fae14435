package io.sheaf.it;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a coordinator and ZooKeeper and can hold back the answer to a check of a claim: so
 * a test can stop the coordinator between the check and what it checked for, however short that
 * time is.
 *
 * <p>Of ZooKeeper's protocol it knows that a packet is a length and that many bytes; that a request
 * begins with its number and its type, and the answer with the same number; and that the first
 * packet each way has neither.
 */
final class ClaimProxy implements AutoCloseable {
  /** The request that asks whether a znode is there: a claim is checked by it. */
  private static final int EXISTS = 3;

  private final ServerSocket listener;
  private final int serverPort;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable Check> wanted = new AtomicReference<>();

  /** Serves on a port of its own, in front of a server {@code 127.0.0.1:PORT}. */
  ClaimProxy(String server) throws IOException {
    this.serverPort = Integer.parseInt(server.substring(server.lastIndexOf(':') + 1));
    this.listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  /** For {@code --servers}. */
  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  /** Which checks are meant. */
  interface Which {
    /** Whether the check of this znode, which is asked now, is one. */
    boolean test(String znode) throws IOException;
  }

  /** Holds back the answer to the next check of a kind. */
  Check hold(Which which) {
    Check check = new Check(which);
    wanted.set(check);
    return check;
  }

  /** Holds nothing back that was not asked yet. */
  void holdNone() {
    wanted.set(null);
  }

  /** A check of a claim; its answer, and all that follows on the connection, is held back. */
  static final class Check {
    private final Which which;
    private final CountDownLatch answered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final CountDownLatch passedOn = new CountDownLatch(1);
    private volatile int clientPort;

    private Check(Which which) {
      this.which = which;
    }

    /** Waits until ZooKeeper has answered; false when nobody asked. */
    boolean awaitAnswer(Duration patience) throws InterruptedException {
      return answered.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Passes the answer on: into the socket of the process, whether it runs or not. */
    void release() throws InterruptedException {
      released.countDown();
      if (answered.getCount() == 0) {
        passedOn.await();
      }
    }

    /** Whether the process has taken all that was passed on out of its socket. */
    boolean isRead() throws IOException {
      String local = String.format(":%04X", clientPort);
      for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
        for (String line : Files.readAllLines(Path.of(table))) {
          // 0: 0100007F:8AE4 0100007F:1F90 01 00000000:0000002C ...; the last is what was not read.
          String[] word = line.trim().split(" +", -1);
          if (word[1].endsWith(local)) {
            return word[4].endsWith(":00000000");
          }
        }
      }
      return true;
    }
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      sockets.addAll(List.of(client, server));
      Connection connection = new Connection(client, server);
      start(connection::requests);
      start(connection::answers);
    }
  }

  private final class Connection {
    private final Socket client;
    private final Socket server;
    private final AtomicReference<@Nullable Check> asked = new AtomicReference<>();
    private volatile int number;

    Connection(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void requests() throws IOException {
      try (server) {
        DataInputStream in = new DataInputStream(client.getInputStream());
        DataOutputStream out = new DataOutputStream(server.getOutputStream());
        pass(in, out);
        while (true) {
          byte[] packet = read(in);
          look(ByteBuffer.wrap(packet));
          write(out, packet);
        }
      }
    }

    private void look(ByteBuffer request) throws IOException {
      int xid = request.getInt();
      Check check = wanted.get();
      if (check == null || request.getInt() != EXISTS) {
        return;
      }
      byte[] znode = new byte[request.getInt()];
      request.get(znode);
      if (check.which.test(new String(znode, StandardCharsets.UTF_8))
          && wanted.compareAndSet(check, null)) {
        check.clientPort = client.getPort();
        number = xid;
        asked.set(check);
      }
    }

    void answers() throws IOException, InterruptedException {
      DataInputStream in = new DataInputStream(server.getInputStream());
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      try {
        pass(in, out);
        while (true) {
          byte[] packet = read(in);
          Check check = asked.get();
          if (check == null || ByteBuffer.wrap(packet).getInt() != number) {
            write(out, packet);
            continue;
          }
          asked.set(null);
          check.answered.countDown();
          check.released.await();
          write(out, packet);
          check.passedOn.countDown();
        }
      } finally {
        // Not closed: what the client has not read yet it may still read.
        client.shutdownOutput();
      }
    }

    private void pass(DataInputStream in, DataOutputStream out) throws IOException {
      write(out, read(in));
    }

    private byte[] read(DataInputStream in) throws IOException {
      byte[] packet = new byte[in.readInt()];
      in.readFully(packet);
      return packet;
    }

    private void write(DataOutputStream out, byte[] packet) throws IOException {
      byte[] whole =
          ByteBuffer.allocate(4 + packet.length).putInt(packet.length).put(packet).array();
      out.write(whole);
    }
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException e) {
                // One side has closed the connection, or the test is over.
              }
            },
            "proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
