package io.sheaf.daemon;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.sheaf.conf.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service manager that started this process and wants to know how it does: the protocol of
 * sd_notify(3), one datagram of {@code NAME=VALUE} lines each. Nothing here ever fails or waits: a
 * manager that does not listen is no reason to stop.
 */
final class ServiceManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

  static final String WATCHDOG = "WATCHDOG_USEC";
  static final String WATCHDOG_PID = "WATCHDOG_PID";

  /** What is asked for again and again while an end takes long, and how often. */
  private static final Duration EXTENSION = Duration.ofSeconds(60);

  private static final Duration EXTEND_EVERY = Duration.ofSeconds(15);

  private final EventLoopGroup loop;
  private final Channel channel;

  private ServiceManager(EventLoopGroup loop, Channel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  /** The one that the environment names. */
  static Optional<ServiceManager> of(Settings settings) {
    Optional<ServiceManager> manager = settings.variable("NOTIFY_SOCKET").flatMap(s -> connect(s));
    manager.ifPresent(m -> m.watchdog(settings));
    return manager;
  }

  private static Optional<ServiceManager> connect(String socket) {
    if (!Epoll.isAvailable()) {
      return Optional.empty();
    }
    EventLoopGroup loop =
        new EpollEventLoopGroup(1, new DefaultThreadFactory("service-manager", true));
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channel(EpollDomainDatagramChannel.class)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(address(socket))
            .awaitUninterruptibly();
    if (connected.isSuccess()) {
      return Optional.of(new ServiceManager(loop, connected.channel()));
    }
    LOG.warn(
        "the service manager at {} is not told: {}", socket, String.valueOf(connected.cause()));
    Future<?> unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    return Optional.empty();
  }

  /** A leading @ stands for the NUL byte of an abstract name (unix(7)). */
  private static DomainSocketAddress address(String socket) {
    return new DomainSocketAddress(socket.startsWith("@") ? "\0" + socket.substring(1) : socket);
  }

  private void watchdog(Settings settings) {
    String pid = settings.variable(WATCHDOG_PID).orElse("" + Names.pid());
    long micros =
        settings
            .variable(WATCHDOG)
            .filter(t -> t.matches("\\d{1,15}"))
            .map(Long::parseLong)
            .orElse(0L);
    if (micros > 0 && pid.equals("" + Names.pid())) {
      Future<?> unused =
          loop.scheduleAtFixedRate(
              () -> tell("WATCHDOG=1"), 0, Math.max(1, micros / 3), TimeUnit.MICROSECONDS);
    }
  }

  void tell(String lines) {
    ChannelFuture unused =
        channel.writeAndFlush(Unpooled.copiedBuffer(lines, StandardCharsets.UTF_8));
  }

  /** Says that this process ends, and from now on that it needs more time. */
  void stopping() {
    tell("STOPPING=1\n" + extension());
    Future<?> unused =
        loop.scheduleAtFixedRate(
            () -> tell(extension()),
            EXTEND_EVERY.toMillis(),
            EXTEND_EVERY.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private static String extension() {
    return "EXTEND_TIMEOUT_USEC=" + TimeUnit.MILLISECONDS.toMicros(EXTENSION.toMillis());
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    Future<?> unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
