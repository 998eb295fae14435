package io.sheaf.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EarlySyncTest {
  private final AtomicInteger syncs = new AtomicInteger();
  private final Semaphore device = new Semaphore(0);

  @Test
  void oneIsUnderWayAtATime() throws IOException {
    EarlySync early = new EarlySync(this::sync);
    early.start();
    early.start();
    device.release();
    early.await();
    assertThat(syncs).hasValue(1);

    early.start();
    device.release();
    early.end();
    assertThat(syncs).hasValue(2);
  }

  /** The system would not tell it a second time, and what was not written would pass as durable. */
  @Test
  void aFailureIsToldEverAfter() {
    EarlySync early =
        new EarlySync(
            () -> {
              if (syncs.incrementAndGet() == 1) {
                throw new IOException("Input/output error");
              }
            });
    early.start();
    early.end();
    early.start();
    assertThatThrownBy(early::await).hasMessage("Input/output error");
    assertThatThrownBy(early::await).hasMessage("Input/output error");
    assertThat(syncs).hasValue(1);
  }

  @Test
  void withNoneThereIsNothingToWaitFor() throws IOException {
    EarlySync early = new EarlySync(this::sync);
    early.await();
    early.end();
    assertThat(syncs).hasValue(0);
  }

  private void sync() {
    device.acquireUninterruptibly();
    syncs.incrementAndGet();
  }
}
