package io.sheaf.logback;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import io.sheaf.conf.ConfException;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.conf.Units;
import io.sheaf.deposit.AppendOptions;
import io.sheaf.deposit.Depositor;
import io.sheaf.deposit.SocketDepositor;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes events to an entry of an archive, or with a segment to one after the other. A thread that
 * logs never waits for the worker or its disk, unless overflow is {@code block} and the memory for
 * events is used up.
 *
 * <p>While no worker takes the log, events wait in memory. When a worker is lost, the log goes on
 * as another entry, {@code NAME.again-….log}, with what the worker had not told to be safe: such
 * events may be in both, none is missing.
 */
public final class SheafAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private static final long REMIND_NANOS = TimeUnit.SECONDS.toNanos(60);

  private String target = "";
  private String socket = "";
  private String segment = "";
  private String durability = "";
  private String maxBuffer = "64M";
  private String overflow = "drop";
  private String stopTimeout = "10s";
  private @Nullable Encoder<ILoggingEvent> encoder;

  private volatile @Nullable LineBuffer lines;
  private volatile @Nullable Thread sender;
  private final AtomicLong reminded = new AtomicLong();
  private final AtomicLong raised = new AtomicLong();

  /** {@code ar.zip/dir/app.log}; a name of its own for each process, as with {@code ${PID}}. */
  public void setTarget(String target) {
    this.target = target;
  }

  /** The worker's socket; without it that of {@code SHEAF_SOCKET} or {@code SHEAF_SESSION}. */
  public void setSocket(String socket) {
    this.socket = socket;
  }

  /** When the log is cut into entries: {@code 5m}, {@code 64M} or both with a comma. */
  public void setSegment(String segment) {
    this.segment = segment;
  }

  /** When an event counts as safe: {@code none}, {@code write} or {@code fsync}. */
  public void setDurability(String durability) {
    this.durability = durability;
  }

  /** Memory for events that are not safe yet; {@code 64M} without it. */
  public void setMaxBuffer(String maxBuffer) {
    this.maxBuffer = maxBuffer;
  }

  /**
   * When that is used up: {@code drop} the oldest, count them, and say so in the log (without it);
   * {@code block} who logs; {@code raise} an error of the appender for each event that goes.
   */
  public void setOverflow(String overflow) {
    this.overflow = overflow;
  }

  /** How long stopping waits until all is in entries; {@code 10s} without it. */
  public void setStopTimeout(String stopTimeout) {
    this.stopTimeout = stopTimeout;
  }

  /** How an event is written. */
  public void setEncoder(Encoder<ILoggingEvent> encoder) {
    this.encoder = encoder;
  }

  /** How many events were dropped. */
  public long getDropped() {
    LineBuffer known = lines;
    return (known == null ? 0 : known.dropped()) + raised.get();
  }

  /** How many events are in memory: not sent, or not known to be safe. */
  public long getUnsafe() {
    LineBuffer known = lines;
    return known == null ? 0 : known.unsafe();
  }

  /**
   * Fails, as appenders do, with an error status: for a wrong setting, not for a missing worker.
   */
  @Override
  public void start() {
    try {
      begin();
    } catch (IllegalArgumentException | ConfException e) {
      addError("SheafAppender " + getName() + " is off: " + e.getMessage());
    }
  }

  private void begin() {
    Encoder<ILoggingEvent> with = encoder;
    if (with == null) {
      throw new IllegalArgumentException("it has no encoder");
    }
    LogSender.check(target);
    AppendOptions options = LogSender.options(durability, segment);
    Settings settings = settings();
    Object unused = settings.socket();
    unused = Units.parseDuration(stopTimeout);
    LineBuffer buffer = new LineBuffer(Units.parseSize(maxBuffer), Overflow.parse(overflow));
    byte[] header = with.headerBytes();
    if (header != null && header.length > 0) {
      offer(buffer, header);
    }
    Thread thread =
        new Thread(
            new LogSender(buffer, () -> connect(settings), target, options, this::tell),
            "sheaf-logback");
    thread.setDaemon(true);
    lines = buffer;
    sender = thread;
    thread.start();
    super.start();
  }

  private Settings settings() {
    Settings.Builder builder = Settings.builder().environment(System.getenv());
    if (!socket.isEmpty()) {
      builder.option(Keys.SOCKET, socket);
    }
    return builder.build();
  }

  private static Depositor connect(Settings settings) throws IOException {
    return SocketDepositor.connect(settings);
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // of a thread
  protected void append(ILoggingEvent event) {
    LineBuffer buffer = lines;
    Encoder<ILoggingEvent> with = encoder;
    if (buffer == null || with == null || Thread.currentThread() == sender) {
      return; // What sending logs would never end.
    }
    long before = buffer.dropped();
    if (!offer(buffer, with.encode(event)) || buffer.dropped() > before) {
      tell("no room for events (maxBuffer=" + maxBuffer + "), some go: overflow=" + overflow, null);
    }
  }

  private boolean offer(LineBuffer buffer, byte[] line) {
    boolean taken = false;
    try {
      taken = buffer.add(line);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!taken && Overflow.parse(overflow) != Overflow.DROP) {
      raised.incrementAndGet();
    }
    return taken;
  }

  /** Each problem with {@code raise}, else one a minute: statuses are kept in memory. */
  private void tell(String what, @Nullable Exception cause) {
    long now = System.nanoTime();
    long last = reminded.get();
    boolean due = last == 0 || now - last > REMIND_NANOS;
    if (Overflow.parse(overflow) == Overflow.RAISE || (due && reminded.compareAndSet(last, now))) {
      addError("SheafAppender " + getName() + ": " + what, cause);
    }
  }

  /** Ends the log: when this returns in time, all events are in entries. */
  @Override
  public void stop() {
    if (!isStarted()) {
      return;
    }
    super.stop();
    LineBuffer buffer = lines;
    Thread thread = sender;
    if (buffer != null && thread != null) {
      footer(buffer);
      buffer.close();
      await(thread, buffer);
    }
  }

  private void footer(LineBuffer buffer) {
    byte[] footer = encoder == null ? null : encoder.footerBytes();
    if (footer != null && footer.length > 0) {
      offer(buffer, footer);
    }
  }

  private void await(Thread thread, LineBuffer buffer) {
    try {
      thread.join(Math.max(1, Units.parseDuration(stopTimeout).toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      thread.interrupt();
      addError(
          "SheafAppender "
              + getName()
              + ": "
              + buffer.unsafe()
              + " events were not known to be safe when it was stopped");
    }
  }
}
