package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.DamagedBatch;
import io.sheaf.batch.Quarantine;
import io.sheaf.conf.MergeOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches that come twice, by whatever way, under whatever name. */
class RedeliveryTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final MergeOutcome.Settled FIRST = new MergeOutcome.Settled(W, 1);

  @TempDir private Path root;
  private Merging at;
  private byte[] batch = {};

  @BeforeEach
  void open() throws IOException {
    at = new Merging(root);
    batch = new HostileBatch(W, 1).entry("a", "one").entry("b", "two").bytes();
  }

  private Path put(String name, byte[] bytes) throws IOException {
    Path file = at.base.inbox(ARCHIVE).resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  /** The bytes with one changed, in the contents of an entry. */
  private byte[] flipped() {
    byte[] flipped = batch.clone();
    flipped[31] ^= 1;
    return flipped;
  }

  @Test
  void threeCopiesAreOneBatch() throws IOException {
    put("a-copy.zip", batch);
    put(W + "-1.zip", batch);
    put("z-copy.zip", batch);
    MergeOutcome outcome = at.merge();
    assertThat(outcome.entries()).isEqualTo(2);
    assertThat(outcome.settled()).containsExactly(FIRST);
    assertThat(outcome.quarantined()).isEmpty();
    at.assertMerged(Map.of("a", "one", "b", "two"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a-copy.zip", W + "-1.zip", "z-copy.zip"})
  void theCopyThatHoldsIsTaken(String whole) throws IOException {
    for (String name : new String[] {"a-copy.zip", W + "-1.zip", "z-copy.zip"}) {
      put(name, name.equals(whole) ? batch : flipped());
    }
    MergeOutcome outcome = at.merge();
    assertThat(outcome.quarantined()).isEmpty();
    at.assertMerged(Map.of("a", "one", "b", "two"));
  }

  @Test
  void whereNoCopyHoldsTheEntriesOfOneAreTaken() throws IOException {
    put("a-copy.zip", flipped());
    put(W + "-1.zip", flipped());
    assertThat(at.merge().quarantined()).hasSize(1);
    at.assertMerged(Map.of("b", "two"));
  }

  /** Nothing is salvaged of the damaged one, so that all of the whole one is merged. */
  @ParameterizedTest
  @ValueSource(strings = {"a-copy.zip", "z-copy.zip"})
  void aWholeCopyIsBetterThanASalvagedOne(String whole) throws IOException {
    byte[] cut = Arrays.copyOf(batch, batch.length - 1);
    put(W + "-1.zip", cut);
    put(whole, batch);
    MergeOutcome outcome = at.merge();
    assertThat(outcome.quarantined()).hasSize(1);
    assertThat(Files.readAllBytes(outcome.quarantined().get(0).path())).isEqualTo(cut);
    at.assertMerged(Map.of("a", "one", "b", "two"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"again.zip", W + "-1.zip"})
  void oneThatWasConsumedIsRefused(String name) throws IOException {
    put(W + "-1.zip", batch);
    at.merge();
    put(name, batch);
    MergeOutcome again = at.merge();
    assertThat(again.entries()).isZero();
    assertThat(again.epoch()).isEqualTo(1);
    assertThat(again.settled()).containsExactly(FIRST);
    assertThat(again.quarantined()).isEmpty();
    at.assertMerged(Map.of("a", "one", "b", "two"));
  }

  @Test
  void anotherBatchUnderTheSameNumberIsSetAside() throws IOException {
    put(W + "-1.zip", batch);
    byte[] other = new HostileBatch(W, 1).entry("c", "three").bytes();
    put("a-copy.zip", other);
    put("z-copy.zip", batch);
    MergeOutcome outcome = at.merge();
    at.assertMerged(Map.of("a", "one", "b", "two"));
    assertThat(outcome.quarantined()).hasSize(1);
    Quarantine.Item item = outcome.quarantined().get(0);
    assertThat(item.reason()).contains("another batch").contains(W + "-1.zip");
    assertThat(Files.readAllBytes(item.path())).isEqualTo(other);
  }

  /** The whole copy has what was lost of the damaged one: it must not go for being known. */
  @Test
  void aWholeCopyThatComesAfterTheDamagedOneIsKept() throws IOException {
    put(W + "-1.zip", Arrays.copyOf(batch, 40));
    at.merge();
    assertThat(at.entries()).containsOnlyKeys("a");
    put("late.zip", batch);
    MergeOutcome outcome = at.merge();
    assertThat(outcome.entries()).isZero();
    assertThat(outcome.quarantined()).hasSize(1);
    assertThat(outcome.quarantined().get(0).reason()).contains(DamagedBatch.DAMAGED);
    assertThat(Files.readAllBytes(outcome.quarantined().get(0).path())).isEqualTo(batch);
    assertThat(Merging.files(at.base.inbox())).isEmpty();
  }

  @Test
  void aDamagedCopyOfAConsumedOneIsKeptAsItIs() throws IOException {
    put(W + "-1.zip", batch);
    at.merge();
    byte[] cut = Arrays.copyOf(batch, batch.length - 1);
    put(W + "-1.zip", cut);
    MergeOutcome outcome = at.merge();
    assertThat(outcome.epoch()).isEqualTo(1);
    assertThat(outcome.settled()).containsExactly(FIRST);
    assertThat(Files.readAllBytes(outcome.quarantined().get(0).path())).isEqualTo(cut);
    at.assertMerged(Map.of("a", "one", "b", "two"));
  }

  @Test
  void aBatchOfASessionThatIsClosedIsMergedOnce() throws IOException {
    HostileBatch old = new HostileBatch(W, 1);
    old.session = "closed long ago";
    byte[] late = old.entry("a", "one").bytes();
    put("late.zip", late);
    assertThat(at.merge().entries()).isEqualTo(1);
    put("later.zip", late);
    assertThat(at.merge().entries()).isZero();
    at.assertMerged(Map.of("a", "one"));
    // It counts for the session that merged it.
    assertThat(SessionTotals.of(at.healthy, at.base, "s").entries()).isEqualTo(1);
  }

  @Test
  void aCopyOfABatchThatIsHeldBackWaitsWithIt() throws IOException {
    at.order = MergeOrder.SEQUENCE;
    byte[] second = new HostileBatch(W, 2).entry("c", "three").bytes();
    put(W + "-2.zip", second);
    put("copy.zip", second);
    assertThat(at.merge().held()).isEqualTo(1);
    assertThat(Merging.files(at.base.inbox())).hasSize(2);
    put(W + "-1.zip", batch);
    assertThat(at.merge().held()).isZero();
    at.assertMerged(Map.of("a", "one", "b", "two", "c", "three"));
  }
}
