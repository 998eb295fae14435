package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.Compression;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.conf.MergeOrder;
import io.sheaf.disk.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random batches of two workers that write the same names, merged in random splits, some of them
 * delivered twice and some merges crashed: the archive is what a map says that it must be.
 */
class MergeModelTest {
  private static final int RUNS = 6;
  private static final String[] WORKERS = {"node7-4711-a1b2c3", "node8-4712-d4e5f6"};

  /** Among them those that a numbered name may meet. */
  private static final List<String> NAMES =
      List.of("a", "a~2", "b.txt", "b~2.txt", "b~3.txt", "d/c.tar.gz", "d.e/plain", ".p", "é/ö.ä");

  private static final List<String> CONTENTS = List.of("", "1", "2", "text ".repeat(30));

  @TempDir private Path root;

  static Stream<Arguments> policies() {
    List<Arguments> all = new ArrayList<>();
    for (Duplicates duplicates : Duplicates.values()) {
      for (MergeOrder order : MergeOrder.values()) {
        for (CommitStrategy commit : List.of(CommitStrategy.REPLACE, CommitStrategy.IN_PLACE)) {
          all.add(Arguments.of(duplicates, order, commit));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void theArchiveIsWhatTheModelSays(Duplicates duplicates, MergeOrder order, CommitStrategy commit)
      throws IOException {
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    System.out.println("seed of " + duplicates + ", " + order + ", " + commit + ": " + seed);
    for (int i = 0; i < RUNS; i++) {
      Merging at = new Merging(root.resolve("run" + i));
      at.duplicates = duplicates;
      at.order = order;
      at.commit = commit;
      new Run(at, new Random(seed + i)).play("seed " + seed + ", run " + i);
    }
  }

  /** A batch; the names and contents of its entries alternate. */
  private record Batch(String worker, long seq, long closed, List<String> entries) {}

  /** What must be in the archive, by the words of the design. */
  private static final class Model {
    private final SortedMap<String, String> archive = new TreeMap<>();
    private final Map<String, Long> last = new HashMap<>();
    private final Duplicates duplicates;
    private final MergeOrder order;
    private int refused;

    Model(Duplicates duplicates, MergeOrder order) {
      this.duplicates = duplicates;
      this.order = order;
    }

    /** Merges what may be merged now, and takes it from the list. */
    void merge(List<Batch> pending) {
      List<Batch> ready = order == MergeOrder.TIME ? new ArrayList<>(pending) : inSequence(pending);
      Map<Batch, Long> times = new HashMap<>();
      for (Batch batch : ready) {
        times.put(batch, order == MergeOrder.TIME ? batch.closed : latest(ready, batch));
      }
      ready.sort(
          Comparator.comparing((Batch b) -> times.get(b))
              .thenComparing(Batch::worker)
              .thenComparing(Batch::seq));
      ready.forEach(this::add);
      pending.removeAll(ready);
    }

    private List<Batch> inSequence(List<Batch> pending) {
      List<Batch> ready = new ArrayList<>();
      pending.sort(Comparator.comparing(Batch::seq));
      for (Batch batch : pending) {
        if (batch.seq == last.getOrDefault(batch.worker, 0L) + 1) {
          last.put(batch.worker, batch.seq);
          ready.add(batch);
        }
      }
      return ready;
    }

    /** No batch goes before an earlier one of its worker, whatever its clock said. */
    private static long latest(List<Batch> ready, Batch batch) {
      return ready.stream()
          .filter(b -> b.worker.equals(batch.worker) && b.seq <= batch.seq)
          .mapToLong(Batch::closed)
          .max()
          .orElseThrow();
    }

    private void add(Batch batch) {
      for (int i = 0; i < batch.entries.size(); i += 2) {
        add(batch.entries.get(i), batch.entries.get(i + 1));
      }
    }

    private void add(String name, String contents) {
      switch (duplicates) {
        case ALL -> addNumbered(name, contents);
        case FIRST -> archive.putIfAbsent(name, contents);
        case LAST -> archive.put(name, contents);
        case ERROR -> refused += archive.putIfAbsent(name, contents) == null ? 0 : 1;
      }
    }

    private void addNumbered(String name, String contents) {
      String free = name;
      for (int n = 2; archive.containsKey(free); n++) {
        if (contents.equals(archive.get(free))) {
          return;
        }
        free = numbered(name, n);
      }
      archive.put(free, contents);
    }

    private static String numbered(String name, int n) {
      int dot = name.lastIndexOf('.');
      boolean extension = dot > name.lastIndexOf('/') + 1;
      return extension ? name.substring(0, dot) + "~" + n + name.substring(dot) : name + "~" + n;
    }
  }

  /** One archive from its first batch to its last. */
  private static final class Run {
    private final Merging at;
    private final Random random;
    private final Model model;
    private final List<Batch> pending = new ArrayList<>();
    private int copies;

    Run(Merging at, Random random) {
      this.at = at;
      this.random = random;
      this.model = new Model(at.duplicates, at.order);
    }

    void play(String said) throws IOException {
      List<Batch> left = batches();
      while (!left.isEmpty()) {
        int some = 1 + random.nextInt(left.size());
        for (Batch batch : left.subList(0, some)) {
          deliver(batch);
        }
        left.subList(0, some).clear();
        merge();
        model.merge(pending);
        assertThat(at.entries()).as(said).isEqualTo(model.archive);
      }
      assertThat(pending).as(said).isEmpty();
      assertThat(Merging.files(at.base.inbox())).as(said).isEmpty();
      assertThat(at.quarantined()).as(said).hasSize(model.refused);
      assertThat(at.verify().sound()).as(said).isTrue();
    }

    /** Batches of both workers, in the order of their delivery, which is any. */
    private List<Batch> batches() {
      List<Batch> batches = new ArrayList<>();
      for (String worker : WORKERS) {
        int count = 1 + random.nextInt(7);
        for (int seq = 1; seq <= count; seq++) {
          List<String> entries = new ArrayList<>();
          for (int n = random.nextInt(7); n > 0; n--) {
            entries.add(NAMES.get(random.nextInt(NAMES.size())));
            entries.add(CONTENTS.get(random.nextInt(CONTENTS.size())));
          }
          // Clocks that jump back, and ties.
          batches.add(new Batch(worker, seq, 3L * seq + random.nextInt(8), entries));
        }
      }
      Collections.shuffle(batches, random);
      return batches;
    }

    private void deliver(Batch batch) throws IOException {
      Path file =
          at.batch(
              batch.worker,
              batch.seq,
              batch.closed,
              random.nextBoolean() ? Compression.STORED : Compression.DEFLATED,
              ARCHIVE,
              batch.entries.toArray(new String[0]));
      byte[] bytes = Files.readAllBytes(file);
      pending.add(batch);
      if (random.nextInt(4) == 0) {
        Files.write(file.resolveSibling((char) ('a' + random.nextInt(26)) + "-copy.zip"), bytes);
        copies++;
      }
    }

    /** Some merges crash, and are done again. */
    private void merge() throws IOException {
      if (random.nextInt(3) == 0) {
        FaultyDisk faulty = FaultyDisk.crashing(at.healthy, 1 + random.nextInt(40));
        try {
          at.merge(faulty.disk());
        } catch (IOException e) {
          assertThat(faulty.happened()).as(e + ", " + copies + " copies").isTrue();
        } finally {
          faulty.endProcess();
        }
      }
      at.merge();
    }
  }
}
