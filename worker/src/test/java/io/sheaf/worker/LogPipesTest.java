package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.Target;
import io.sheaf.deposit.AppendStreams;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.LanesFixture;
import io.sheaf.deposit.LogRequest;
import io.sheaf.deposit.LogStream;
import io.sheaf.deposit.SegmentRule;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs that are written to pipes, as far as the worker reads them. */
@Timeout(120)
final class LogPipesTest {
  private static final LogStream.Listener NOBODY = failure -> {};

  @TempDir Path directory;
  private LanesFixture fixture;
  private LogPipes pipes;

  @BeforeEach
  void open() throws IOException {
    fixture = new LanesFixture(directory.resolve("base"), LanesFixture.OPTIONS);
    pipes = new LogPipes(fixture.lanes.memory());
  }

  @AfterEach
  void close() {
    pipes.close();
    fixture.close();
  }

  private LogStream log(String name) throws IOException {
    return log(name, NOBODY);
  }

  private LogStream log(String name, LogStream.Listener listener) throws IOException {
    AppendStreams streams = fixture.lanes.appends();
    return streams.open(
        new LogRequest(
            new Target("a.zip", name),
            0,
            DepositOptions.NOW,
            null,
            null,
            SegmentRule.NONE,
            null,
            0,
            0),
        listener);
  }

  private LogPipe pipe(LogStream log, LogStream.Listener by, Runnable broken) {
    return Objects.requireNonNull(pipes.open(log, by, broken));
  }

  private static OutputStream sink(LogPipe pipe) throws IOException {
    return Files.newOutputStream(pipe.pipe().sink());
  }

  private static void write(OutputStream sink, String text) throws IOException {
    sink.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private void end(LogPipe pipe, LogStream log, LogStream.Listener by) throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    pipe.finish(
        () -> {
          log.end(by);
          ended.countDown();
        });
    ended.await();
  }

  private String text(String name) throws IOException {
    LanesFixture.eventually("logs are entries", () -> fixture.lanes.appends().count() == 0);
    return new String(fixture.content("a.zip/" + name), StandardCharsets.UTF_8);
  }

  @Test
  void allThatWasWrittenBeforeTheEndIsInTheLog() throws Exception {
    StringBuilder all = new StringBuilder();
    LogStream log = log("x");
    LogPipe pipe = pipe(log, NOBODY, () -> {});
    try (OutputStream sink = sink(pipe)) {
      for (int i = 0; i < 100_000; i++) {
        String line = "line " + i + "\n";
        write(sink, line);
        all.append(line);
      }
      end(pipe, log, NOBODY); // While the writing end is open: its end is not waited for.
    }
    assertThat(text("x")).isEqualTo(all.toString());
  }

  @Test
  void aLineNowAndThenIsRead() throws Exception {
    LogStream log = log("x");
    LogPipe pipe = pipe(log, NOBODY, () -> {});
    try (OutputStream sink = sink(pipe)) {
      for (int i = 1; i <= 5; i++) {
        write(sink, "12345678\n");
        long safe = 9L * i;
        LanesFixture.eventually("it is in a log", () -> log.safe() == safe);
      }
    }
    pipe.pipe().closeSink(); // There is nobody to write any more, and nobody has said so.
    end(pipe, log, NOBODY);
    assertThat(text("x")).isEqualTo("12345678\n".repeat(5));
  }

  @Test
  void aLogThatIsBehindIsNotRead() throws Exception {
    List<LogPipe> reading = new ArrayList<>();
    LogStream.Listener listener =
        new LogStream.Listener() {
          @Override
          public void relieved() {
            reading.forEach(LogPipe::resume);
          }

          @Override
          public void ended(@Nullable DepositException failure) {}
        };
    fixture.lanes.memory().charge(1L << 40); // There is no memory at all: little is read at a time.
    LogStream log = log("x", listener);
    LogPipe pipe = pipe(log, listener, () -> {});
    reading.add(pipe);
    String text = "0123456789abcde\n".repeat(4_000);
    try (OutputStream sink = sink(pipe)) {
      write(sink, text);
      LanesFixture.eventually("all of it is in a log", () -> log.safe() == text.length());
    } finally {
      fixture.lanes.memory().release(1L << 40);
    }
    end(pipe, log, listener);
    assertThat(text("x")).isEqualTo(text);
  }

  @Test
  void onlySoManyHaveOne() throws Exception {
    List<LogPipe> all = new ArrayList<>();
    LogStream log = log("x");
    for (int i = 0; i < LogPipes.MOST; i++) {
      all.add(pipe(log, NOBODY, () -> {}));
    }
    assertThat(pipes.open(log, NOBODY, () -> {})).isNull();
    CountDownLatch finished = new CountDownLatch(all.size());
    all.forEach(pipe -> pipe.finish(finished::countDown));
    finished.await();
    assertThat(pipes.open(log, NOBODY, () -> {})).isNotNull();
    log.end(NOBODY);
  }

  @Test
  void whatWasWrittenBeforeTheDoorClosesIsTaken() throws Exception {
    AtomicInteger broken = new AtomicInteger();
    LogStream log = log("x");
    LogPipe ending = pipe(log, NOBODY, broken::incrementAndGet);
    LogPipe going = pipe(log("y"), NOBODY, broken::incrementAndGet);
    try (OutputStream sink = sink(ending);
        OutputStream other = sink(going)) {
      write(sink, "the end\n");
      write(other, "not the end\n");
      ending.finish(() -> log.end(NOBODY));
      pipes.close();
    }
    assertThat(broken).hasValue(1); // The one whose client has not said that it ends.
    CountDownLatch late = new CountDownLatch(1);
    going.finish(late::countDown);
    late.await();
    LanesFixture.eventually("it is an entry", () -> fixture.lanes.appends().count() == 1);
    assertThat(new String(fixture.content("a.zip/x"), StandardCharsets.UTF_8))
        .isEqualTo("the end\n");
  }
}
