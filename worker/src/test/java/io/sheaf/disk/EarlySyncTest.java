package io.sheaf.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class EarlySyncTest {
  /** Each with whether metadata was meant too. */
  private final List<Boolean> syncs = new CopyOnWriteArrayList<>();

  private final Semaphore device = new Semaphore(0);

  @Test
  void oneIsUnderWayAtATimeAndTheOneThatCountsComesAfterIt() throws IOException {
    EarlySync early = new EarlySync(this::sync);
    early.start();
    early.start();
    device.release(2);
    early.sync();
    assertThat(syncs).containsExactly(false, true);

    early.start();
    device.release();
    early.end();
    assertThat(syncs).containsExactly(false, true, false);
  }

  /** The system would not tell it a second time, and what was not written would pass as durable. */
  @Test
  void aFailureIsToldEverAfterAndNothingIsSyncedAgain() {
    EarlySync early =
        new EarlySync(
            metadata -> {
              syncs.add(metadata);
              throw new IOException("Input/output error " + syncs.size());
            });
    early.start();
    early.end();
    early.start();
    assertThatThrownBy(early::sync).hasMessage("Input/output error 1");
    assertThatThrownBy(early::sync).hasMessage("Input/output error 1");
    assertThat(syncs).containsExactly(false);
  }

  @Test
  void withNoneThereIsNothingToWaitFor() throws IOException {
    EarlySync early = new EarlySync(this::sync);
    device.release();
    early.sync();
    early.end();
    assertThat(syncs).containsExactly(true);
  }

  private void sync(boolean metadata) {
    device.acquireUninterruptibly();
    syncs.add(metadata);
  }
}
