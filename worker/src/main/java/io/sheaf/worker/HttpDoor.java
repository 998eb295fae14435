package io.sheaf.worker;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sheaf.deposit.Lanes;
import io.sheaf.deposit.LogStream;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Serves deposits over HTTP/1.1 on a unix socket. */
final class HttpDoor implements AutoCloseable {
  /** Three characters for each byte of the longest entry name, and an archive's, fit well. */
  private static final int MAX_LINE = 512 << 10;

  private static final int MAX_HEADERS = 16 << 10;
  private static final int MAX_READ = 256 << 10;
  private static final int LOOPS = 2;
  private static final int MOST_WITH_PIPES = 1_024;

  /** Requests that read files at a time, and requests that wait for merges. */
  private static final int READERS = 4;

  private static final int WAITERS = 16;

  /** Where nobody publishes and nobody merges. */
  private static final FlushDoor.Progress NOT_FOLLOWED =
      new FlushDoor.Progress() {
        @Override
        public boolean awaitPublished(Duration timeout) {
          return true;
        }

        @Override
        public boolean awaitMerged(List<PendingBatch> batches, Duration timeout) {
          return false;
        }
      };

  private final SocketFile socket;
  private final Peers peers;
  private final Lanes lanes;
  private final Router router;
  private final UploadSlots slots;
  private final LogPipes pipes;
  private final WaitingThreads tars;
  private final WaitingThreads readers;
  private final WaitingThreads lister;
  private final WaitingThreads waiters;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final EventLoopGroup loops;
  private final Channel server;

  /**
   * Serves the socket when this returns.
   *
   * @param uploads that may go on at a time
   */
  HttpDoor(Path path, Peers peers, Lanes lanes, Supplier<byte[]> status, int uploads)
      throws IOException {
    this(path, peers, lanes, status, uploads, EntryView.NONE, NOT_FOLLOWED);
  }

  /** As above, with what lies behind the lanes. */
  HttpDoor(
      Path path,
      Peers peers,
      Lanes lanes,
      Supplier<byte[]> status,
      int uploads,
      EntryView entries,
      FlushDoor.Progress progress)
      throws IOException {
    if (!Epoll.isAvailable()) {
      throw new IOException("a worker needs Linux: " + Epoll.unavailabilityCause().getMessage());
    }
    if (System.getProperty("io.netty.leakDetection.level") == null) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }
    this.socket = new SocketFile(path, peers.areMany());
    this.peers = peers;
    this.lanes = lanes;
    socket.prepare();
    this.slots = new UploadSlots(uploads);
    this.pipes = new LogPipes(lanes.memory());
    this.tars = new WaitingThreads("sheaf-tar", uploads);
    this.readers = new WaitingThreads("sheaf-read", READERS);
    this.lister = new WaitingThreads("sheaf-list", 1);
    this.waiters = new WaitingThreads("sheaf-wait", WAITERS);
    this.router =
        new Router(
            lanes,
            status,
            new Router.Doors(
                new TarDoor(lanes, tars),
                new EntryDoor(new OpenEntries(lanes), entries, readers, lister),
                new PickupDoor(lanes, readers),
                new FlushDoor(lanes, progress, waiters)));
    this.loops = new EpollEventLoopGroup(LOOPS, new DefaultThreadFactory("sheaf-http", true));
    this.server = bind();
  }

  private Channel bind() throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerDomainSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(
                ChannelOption.RCVBUF_ALLOCATOR,
                new BudgetedReads(
                    new AdaptiveRecvByteBufAllocator(2 << 10, 16 << 10, MAX_READ), lanes.memory()))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) throws IOException {
                    open(channel);
                  }
                })
            .bind(new DomainSocketAddress(socket.path().toFile()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
      closeThreads();
      throw new IOException(
          "the socket " + socket.path() + " cannot be served: " + bound.cause().getMessage());
    }
    opened(bound.channel());
    return bound.channel();
  }

  private void opened(Channel bound) throws IOException {
    try {
      socket.bound();
    } catch (IOException e) {
      bound.close().awaitUninterruptibly();
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
      closeThreads();
      throw e;
    }
  }

  /** Finds requests in what a client sends. */
  HttpRequestDecoder newDecoder() {
    return new HttpRequestDecoder(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE)
            .setMaxHeaderSize(MAX_HEADERS)
            .setMaxChunkSize(MAX_READ)
            .setValidateHeaders(false));
  }

  /** Logs that are appended to. */
  int appends() {
    return lanes.appends().count();
  }

  /**
   * A pipe to which the client of a log writes; null when there are too many. Among thousands of
   * open files it takes too long to find a new one.
   */
  @Nullable LogPipe pipeFor(LogStream log, LogStream.Listener by, Runnable broken) {
    return connections.size() > MOST_WITH_PIPES ? null : pipes.open(log, by, broken);
  }

  private void open(Channel channel) throws IOException {
    // A client that is gone already has no credentials: the exception closes the channel.
    PeerCredentials peer = ((EpollDomainSocketChannel) channel).peerCredentials();
    int gid = peer.gids()[0];
    String refusal = peers.allow(peer.uid(), gid) ? "" : peers.refusal(peer.uid(), gid);
    Connection connection = new Connection(this, lanes, channel, peer.uid(), refusal);
    connections.add(connection);
    channel.pipeline().addLast(newDecoder(), connection);
  }

  Path path() {
    return socket.path();
  }

  Router router() {
    return router;
  }

  UploadSlots slots() {
    return slots;
  }

  void closed(Connection connection) {
    connections.remove(connection);
  }

  int connections() {
    return connections.size();
  }

  /** Cuts all clients off; what they were uploading is given up. */
  void disconnectAll() {
    connections.forEach(Connection::close);
  }

  @Override
  public void close() throws IOException {
    server.close().awaitUninterruptibly();
    disconnectAll();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    closeThreads();
    socket.remove();
  }

  private void closeThreads() {
    pipes.close();
    slots.close();
    tars.close();
    readers.close();
    lister.close();
    waiters.close();
  }
}
