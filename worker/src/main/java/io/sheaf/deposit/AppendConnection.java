package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A connection over which one log goes to a worker. One thread writes, one reads the answers. */
final class AppendConnection {
  /** One that lasted for so long is no sign that the log is what ends workers. */
  private static final long LONG_NANOS = 10_000_000_000L;

  private static final byte[] LINE = {'\r', '\n'};
  private static final byte[] END = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final SocketChannel channel;
  private final ResponseReader responses;
  private final long since = System.nanoTime();

  private AppendConnection(SocketChannel channel) {
    this.channel = channel;
    this.responses = new ResponseReader(channel);
  }

  /**
   * Connects, looks who serves, and sends the head of a request.
   *
   * @throws DepositException UNAVAILABLE when no worker serves the socket, REFUSED when it is
   *     another user's
   */
  static AppendConnection open(Path socket, WorkerTrust trust, byte[] head) throws IOException {
    SocketChannel channel = connect(socket);
    AppendConnection opened = new AppendConnection(channel);
    boolean begun = false;
    try {
      trust.check(socket, channel);
      opened.write(ByteBuffer.wrap(head));
      begun = true;
    } finally {
      if (!begun) {
        opened.close();
      }
    }
    return opened;
  }

  private static SocketChannel connect(Path socket) throws IOException {
    try {
      return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new DepositException(
          Kind.UNAVAILABLE,
          "no worker serves " + socket + ": start one with sheaf worker (" + e.getMessage() + ")",
          e);
    }
  }

  /** Sends contents as one chunk. */
  void chunk(ByteBuffer contents) throws IOException {
    String size = Integer.toHexString(contents.remaining()) + "\r\n";
    byte[] head = size.getBytes(StandardCharsets.US_ASCII);
    write(ByteBuffer.wrap(head), contents, ByteBuffer.wrap(LINE));
  }

  /** Says that the log has ended. */
  void end() throws IOException {
    write(ByteBuffer.wrap(END));
  }

  private void write(ByteBuffer... parts) throws IOException {
    ByteBuffer last = parts[parts.length - 1];
    while (last.hasRemaining()) {
      channel.write(parts);
    }
  }

  /** Where the answers come from, interim ones too. */
  ResponseReader responses() {
    return responses;
  }

  boolean hasLasted() {
    return System.nanoTime() - since >= LONG_NANOS;
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no use any more either way.
    }
  }
}
