package io.sheaf.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.sheaf.conf.Settings;
import io.sheaf.disk.SystemDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a real socket, as a service manager has it. */
@Timeout(60)
class ServiceTest {
  @TempDir Path directory;
  private final EventLoopGroup loop = new EpollEventLoopGroup(1);
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private Channel listen(String socket) {
    return new Bootstrap()
        .group(loop)
        .channel(EpollDomainDatagramChannel.class)
        .handler(
            new SimpleChannelInboundHandler<DomainDatagramPacket>() {
              @Override
              protected void channelRead0(ChannelHandlerContext to, DomainDatagramPacket packet) {
                received.add(packet.content().toString(StandardCharsets.UTF_8));
              }
            })
        .bind(new DomainSocketAddress(socket))
        .syncUninterruptibly()
        .channel();
  }

  private Service open(Map<String, String> environment) throws Exception {
    return Service.open(
        "worker", Settings.builder().environment(environment).build(), new SystemDisk());
  }

  private String next() throws InterruptedException {
    String message = received.poll(30, TimeUnit.SECONDS);
    assertThat(message).isNotNull();
    return String.valueOf(message);
  }

  @Test
  void tellsTheManagerHowItDoes() throws Exception {
    String socket = directory.resolve("notify").toString();
    listen(socket);
    try (Service service = open(Map.of("NOTIFY_SOCKET", socket))) {
      service.ready("worker x takes\ndeposits", Map.of());
      assertThat(next()).isEqualTo("READY=1\nSTATUS=worker x takes deposits");
      service.stopping("leaving");
      assertThat(next()).matches("STOPPING=1\nEXTEND_TIMEOUT_USEC=\\d+");
      assertThat(next()).isEqualTo("STATUS=leaving");
      service.stopping("still");
      assertThat(next()).isEqualTo("STATUS=still");
    }
  }

  @Test
  void anAbstractSocketIsToldAndTheWatchdogIsFed() throws Exception {
    String name = "sheaf-test-" + UUID.randomUUID();
    listen("\0" + name);
    Map<String, String> environment =
        Map.of(
            "NOTIFY_SOCKET", "@" + name,
            "WATCHDOG_USEC", "300000",
            "WATCHDOG_PID", "" + ProcessHandle.current().pid());
    try (Service service = open(environment)) {
      assertThat(next()).isEqualTo("WATCHDOG=1");
      assertThat(next()).isEqualTo("WATCHDOG=1");
      service.status("on");
      assertThat(received).doesNotContain("READY=1");
    }
  }

  @Test
  void aManagerThatIsNotThereIsNoReasonToFail() throws Exception {
    try (Service service = open(Map.of("NOTIFY_SOCKET", directory + "/none"))) {
      service.ready("on", Map.of());
      service.stopping("leaving");
    }
  }

  @Test
  void whoeverStartedItReadsWhatItSays() throws Exception {
    Path pipe = Files.createFile(directory.resolve("pipe"));
    try (Service service = open(Map.of(Readiness.VARIABLE, pipe.toString()))) {
      service.ready("worker x", Map.of("socket", "/s/w"));
    }
    assertThat(pipe).hasContent("line=worker x\nsocket=/s/w\n\n");
  }
}
