package io.sheaf.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.CommitStrategy;
import io.sheaf.disk.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A merge that crashes at each of its operations, then one that does not: every entry is in the
 * archive once, or in quarantine, and nothing else is left. What a power failure does to what was
 * not synced is no matter of this test.
 */
class CrashSweepTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";

  @TempDir private Path root;

  private CommitStrategy commit = CommitStrategy.REPLACE;
  private int bases;
  private int states;

  /** What lies in the inbox before the crash, and what must be in the archive at last. */
  private enum Scenario {
    FIRST(0) {
      @Override
      void prepare(Merging at, SortedMap<String, String> wanted) throws IOException {
        at.batch(W, 1, "a", "one", "b", "two");
        wanted.putAll(Map.of("a", "one", "b", "two"));
      }
    },
    APPEND(0) {
      @Override
      void prepare(Merging at, SortedMap<String, String> wanted) throws IOException {
        FIRST.prepare(at, wanted);
        at.merge();
        at.batch(W, 2, "a", "one", "c", "three");
        at.batch(V, 1, "b", "other", "d", "four");
        wanted.putAll(Map.of("c", "three", "b~2", "other", "d", "four"));
      }
    },
    NOTHING_NEW(0) {
      @Override
      void prepare(Merging at, SortedMap<String, String> wanted) throws IOException {
        FIRST.prepare(at, wanted);
        at.merge();
        at.batch(W, 2, "a", "one");
      }
    },
    QUARANTINE(2) {
      @Override
      void prepare(Merging at, SortedMap<String, String> wanted) throws IOException {
        FIRST.prepare(at, wanted);
        at.merge();
        Path bad = at.batch(W, 2, "c", "three", "bad", "spoilt");
        byte[] bytes = Files.readAllBytes(bad);
        bytes[31 + 5 + 9 + 30 + 3 + 9 + 2] ^= 1;
        Files.write(bad, bytes);
        Files.write(bad.resolveSibling("garbage.zip"), Merging.bytes("no batch"));
        wanted.put("c", "three");
      }
    };

    private final int quarantined;

    Scenario(int quarantined) {
      this.quarantined = quarantined;
    }

    abstract void prepare(Merging at, SortedMap<String, String> wanted) throws IOException;
  }

  @ParameterizedTest
  @EnumSource(names = {"REPLACE", "IN_PLACE"})
  void aMergeThatCrashedAnywhereIsFinishedByTheNext(CommitStrategy strategy) throws IOException {
    commit = strategy;
    for (Scenario scenario : Scenario.values()) {
      int n = 1;
      while (crashes(scenario, n)) {
        n++;
      }
      assertThat(n).as("operations of " + scenario).isGreaterThan(5);
      System.out.println("crash states of " + scenario + ": " + n);
    }
    System.out.println("crash states in all: " + states);
  }

  /** Whether the crash happened. */
  private boolean crashes(Scenario scenario, int n) throws IOException {
    Merging at = new Merging(root.resolve("base" + bases++));
    SortedMap<String, String> wanted = new TreeMap<>();
    at.commit = commit;
    scenario.prepare(at, wanted);
    boolean happened = mergeUntil(at, n);
    assertSound(at, wanted);
    states++;
    at.merge();
    at.assertMerged(wanted);
    assertThat(at.quarantined()).hasSize(scenario.quarantined);
    assertThat(Merging.files(at.base.quarantines())).hasSize(2 * scenario.quarantined);
    // A merge that had to be done again is counted once.
    SessionTotals totals = SessionTotals.of(at.healthy, at.base, "s");
    assertThat(totals.entries()).isEqualTo(wanted.size());
    return happened;
  }

  private static boolean mergeUntil(Merging at, int n) throws IOException {
    FaultyDisk faulty = FaultyDisk.crashing(at.healthy, n);
    try {
      at.merge(faulty.disk());
      assertThat(faulty.happened()).isFalse();
    } catch (IOException e) {
      assertThat(faulty.happened()).as(String.valueOf(e)).isTrue();
    } finally {
      faulty.endProcess();
    }
    return faulty.happened();
  }

  /** At every instant the archive, or what recovery makes of it, is a whole zip. */
  private static void assertSound(Merging at, SortedMap<String, String> wanted) throws IOException {
    VerifyReport report = at.verify();
    assertThat(report.archives()).as(report.toString()).allMatch(VerifyReport.Archive::sound);
    if (Merging.files(at.base.journals()).isEmpty()) {
      assertThat(wanted).containsAllEntriesOf(at.entries());
    }
    // Whatever is under way, what is listed can be read.
    ArchiveView view = new ArchiveView(at.healthy, at.base);
    for (ArchiveView.Entry entry : view.list(Merging.ARCHIVE)) {
      assertThat(view.open(Merging.ARCHIVE, entry.name())).as(entry.name()).isPresent();
    }
  }
}
