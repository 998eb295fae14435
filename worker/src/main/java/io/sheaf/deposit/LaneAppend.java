package io.sheaf.deposit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A log of this process. */
final class LaneAppend extends AppendStream implements LogStream.Listener {
  private static final Duration FOR_EVER = Duration.ofDays(365);

  private final LogStream stream;
  private final AtomicBoolean waking = new AtomicBoolean();
  private long written;
  private boolean ended;
  private @Nullable DepositException failure;

  LaneAppend(AppendStreams streams, LogRequest request) throws DepositException {
    this.stream = streams.open(request, this);
    this.written = request.from();
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    ensureOpen();
    stream.append(this, ByteBuffer.wrap(bytes, offset, length));
    written += length;
    Waiting.until(this, () -> ended || !stream.isBehind(AppendStreams.HIGH), FOR_EVER);
    throwFailure();
  }

  private void ensureOpen() throws IOException {
    throwFailure();
    if (ended) {
      throw new IOException("the log has ended");
    }
  }

  private void throwFailure() throws DepositException {
    DepositException reason = failure;
    if (reason != null) {
      throw new DepositException(reason.kind(), String.valueOf(reason.getMessage()), reason);
    }
  }

  @Override
  public void flush() throws IOException {}

  @Override
  public long safe() {
    return stream.safe();
  }

  @Override
  public synchronized boolean awaitSafe(Duration timeout) throws IOException {
    boolean safe = Waiting.until(this, () -> ended || stream.safe() >= written, timeout);
    throwFailure();
    return safe;
  }

  @Override
  public int entries() {
    return stream.entries();
  }

  @Override
  public void close() throws IOException {
    stream.end(this);
    synchronized (this) {
      if (!Waiting.until(this, () -> ended, FOR_EVER)) {
        throw new DepositException(
            DepositException.Kind.FAILED, "interrupted; the log becomes an entry all the same");
      }
      throwFailure();
    }
  }

  // The worker's threads hold the stream's lock, which a writer here may wait for with that of
  // this object: so they only leave a note, and another thread wakes whoever waits.

  @Override
  public void progress() {
    wakeLater();
  }

  @Override
  public void relieved() {
    wakeLater();
  }

  @Override
  public void ended(@Nullable DepositException reason) {
    Wakers.run(
        () -> {
          synchronized (this) {
            ended = true;
            failure = failure == null ? reason : failure;
            notifyAll();
          }
        });
  }

  private void wakeLater() {
    if (waking.compareAndSet(false, true)) {
      Wakers.run(
          () -> {
            waking.set(false);
            synchronized (this) {
              notifyAll();
            }
          });
    }
  }
}
