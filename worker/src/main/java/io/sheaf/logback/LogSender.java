package io.sheaf.logback;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.AppendOptions;
import io.sheaf.deposit.AppendStream;
import io.sheaf.deposit.Depositor;
import io.sheaf.deposit.SegmentRule;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The thread that sends events. The log itself goes on when its worker is lost. When it cannot go
 * on at all, as where it was refused, this begins another one, under another name that no {@code
 * duplicates} policy can mistake for the first, with what was not told to be safe: an event may
 * then be in both, none is missing.
 */
final class LogSender implements Runnable {
  private static final int PIECE = 256 << 10;

  /** How often it is asked what is safe while nothing comes. */
  private static final long IDLE_MILLIS = 100;

  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LAST_PAUSE_MILLIS = 10_000;

  /** Makes connections with a worker. */
  interface Dial {
    Depositor connect() throws IOException;
  }

  private final LineBuffer lines;
  private final Dial dial;
  private final String target;
  private final AppendOptions options;
  private final BiConsumer<String, @Nullable Exception> problems;
  private final long started = System.currentTimeMillis();

  private @Nullable Depositor depositor;
  private @Nullable AppendStream log;
  private int logs;
  private long acknowledged;
  private long pause = FIRST_PAUSE_MILLIS;

  LogSender(
      LineBuffer lines,
      Dial dial,
      String target,
      AppendOptions options,
      BiConsumer<String, @Nullable Exception> problems) {
    this.lines = lines;
    this.dial = dial;
    this.target = target;
    this.options = options;
    this.problems = problems;
  }

  /** Ends when the buffer is closed, all of it safe and the log in entries; or interrupted. */
  @Override
  public void run() {
    try {
      while (!(lines.isClosed() && lines.isEmpty() && log == null)) {
        try {
          step();
        } catch (IOException | RuntimeException e) {
          failed(e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      disconnect();
    }
  }

  private void step() throws IOException, InterruptedException {
    if (lines.isClosed() && !lines.hasWaiting()) {
      end();
      return;
    }
    if (log != null) {
      release(log);
    }
    List<byte[]> next = lines.take(PIECE, IDLE_MILLIS);
    if (next.isEmpty()) {
      return;
    }
    AppendStream to = open();
    for (byte[] line : next) {
      to.write(line, 0, line.length);
    }
    to.flush();
    release(to);
    pause = FIRST_PAUSE_MILLIS;
  }

  private void release(AppendStream from) throws IOException {
    long safe = from.safe();
    acknowledged += lines.safe(safe - acknowledged);
    // A log that has ended says so to who asks.
    boolean unused = from.awaitSafe(Duration.ZERO);
  }

  private AppendStream open() throws IOException {
    AppendStream known = log;
    if (known == null) {
      Depositor to = depositor == null ? dial.connect() : depositor;
      depositor = to;
      known = to.append(logs == 0 ? target : again(target, started, logs), options);
      log = known;
      logs++;
      acknowledged = 0;
    }
    return known;
  }

  /** {@code app.log} goes on as {@code app.again-<when the appender was started>-1.log}. */
  static String again(String target, long started, int number) {
    String mark = ".again-" + Long.toString(started, 36) + "-" + number;
    int name = target.lastIndexOf('/') + 1;
    int dot = target.lastIndexOf('.');
    int at = dot > name ? dot : target.length();
    return target.substring(0, at) + mark + target.substring(at);
  }

  /** All that came was sent: it is safe once it is in entries. */
  private void end() throws IOException {
    AppendStream last = log;
    if (last != null) {
      last.close();
      log = null;
    }
    lines.allSafe();
  }

  private void failed(Exception e) throws InterruptedException {
    problems.accept("the log " + target + " is interrupted, trying again", e);
    AppendStream lost = log;
    log = null;
    if (lost != null) {
      leave(lost);
    }
    lines.sendAgain();
    disconnect();
    Thread.sleep(pause);
    pause = Math.min(2 * pause, LAST_PAUSE_MILLIS);
  }

  private void leave(AppendStream lost) {
    try {
      lost.close();
    } catch (IOException e) {
      // It has failed before, for the reason that was told.
    }
    long unused = lines.safe(lost.safe() - acknowledged);
  }

  private void disconnect() {
    Depositor to = depositor;
    depositor = null;
    if (to != null) {
      try {
        to.close();
      } catch (IOException e) {
        problems.accept("the connection could not be closed", e);
      }
    }
  }

  /** Refuses a target that no worker takes, before the first event. */
  static void check(String target) {
    try {
      Target unused = Target.parse(target);
    } catch (BadTargetException e) {
      throw new IllegalArgumentException("target \"" + target + "\": " + e.getMessage(), e);
    }
  }

  static AppendOptions options(String durability, String segment) {
    AppendOptions options = AppendOptions.DEFAULT.withWaits(true);
    if (!durability.isEmpty()) {
      options = options.withDurability(Durability.valueOf(durability.toUpperCase(Locale.ROOT)));
    }
    return segment.isEmpty() ? options : options.withRule(SegmentRule.parse(segment));
  }
}
