package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.Compression;
import io.sheaf.disk.ChildProcess;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TidyingTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";

  @TempDir private Path root;
  private Merging at;

  @BeforeEach
  void open() throws IOException {
    at = new Merging(root);
  }

  private Tidying tidying() {
    return new Tidying(at.healthy, at.base, Set.of());
  }

  /** What is in {@code .sheaf}, relative to it. */
  private List<String> left() throws IOException {
    try (Stream<Path> all = Files.walk(at.base.sheaf())) {
      return all.filter(p -> !p.equals(at.base.sheaf()))
          .map(p -> at.base.sheaf().relativize(p).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void leavesNextToNothing() throws IOException {
    at.batch(W, 1, "a", "one");
    at.merge();
    InDirectory.tryLock(at.healthy, at.base.lock("x/y.zip")).orElseThrow().close();
    InDirectory.tryLock(at.healthy, at.base.member("gone-1-aaaaaa")).orElseThrow().close();
    Files.createDirectories(at.base.quarantine("b/ar.zip"));
    Files.createDirectories(at.base.inbox(".mixed"));
    Files.createDirectories(at.base.kept().resolve("1"));
    Files.createDirectories(at.base.summaries());
    Files.writeString(at.base.summary("job").resolveSibling("job.json.1-2.tmp"), "cut off");
    Files.writeString(at.base.file().resolveSibling("base.json.1-2.tmp"), "cut off");
    Files.writeString(at.base.sheaf().resolve("ledgers.json.tmp"), "cut off");
    Files.writeString(Path.of(at.base.ledger(ARCHIVE) + ".tmp"), "cut off");
    Files.writeString(at.base.staged(ARCHIVE), "cut off");
    Tidying.Tidied tidied = tidying().run(() -> {});
    assertThat(left()).containsExactly("base.json", "ledgers.json");
    assertThat(tidied.folded()).isEqualTo(1);
    assertThat(tidied.removed()).isGreaterThan(10);
    assertThat(at.verify().sound()).isTrue();
    assertThat(tidying().run(() -> {})).isEqualTo(Tidying.Tidied.NOTHING);
  }

  @Test
  void leavesWhatIsOfUse() throws Exception {
    at.batch(W, 1, "a", "one");
    at.merge();
    Path pending = at.batch(W, 2, "b", "two");
    Path kept = Files.createDirectories(at.base.quarantine(ARCHIVE)).resolve("bad.zip");
    Files.writeString(kept, "bytes");
    Files.writeString(Path.of(kept + ".reason"), "reason");
    Path odd = Files.createDirectory(kept.resolveSibling("directory.zip"));
    Files.writeString(Path.of(odd + ".reason"), "it is no regular file");
    Files.createDirectories(at.base.members());
    Path member = Files.writeString(at.base.member("alive-1-aaaaaa"), "");
    Files.createDirectories(at.base.summaries());
    Path other = Files.writeString(at.base.summary("job").resolveSibling("o.json.1.tmp"), "");
    Files.createDirectories(at.base.lock(ARCHIVE).getParent());
    Files.writeString(at.base.lock(ARCHIVE), "");
    try (ChildProcess alive = ChildProcess.holding(member);
        ChildProcess merging = ChildProcess.holding(at.base.lock(ARCHIVE))) {
      assertThat(List.of(alive.pid(), merging.pid())).doesNotHaveDuplicates();
      assertThat(tidying().isSomebodyAlive()).isTrue();
      assertThat(new Tidying(at.healthy, at.base, Set.of("alive-1-aaaaaa")).isSomebodyAlive())
          .isFalse();
      tidying().run(() -> {});
      assertThat(List.of(pending, kept, odd, member, other, at.base.lock(ARCHIVE)))
          .allSatisfy(path -> assertThat(path).exists());
      assertThat(at.base.ledger(ARCHIVE)).exists();
    }
  }

  @Test
  void whereLocksAreWorthNothingOnlyEmptyDirectoriesGo() throws IOException {
    Files.writeString(at.base.brokenLocks(), "{\"locks\":\"none\"}");
    at.batch(W, 1, "a", "one");
    at.merge();
    Files.createDirectories(at.base.members());
    Files.writeString(at.base.member("unknown-1-aaaaaa"), "");
    tidying().run(() -> {});
    assertThat(left())
        .containsExactly(
            "base.json",
            "broken-locks.json",
            "ledger",
            "ledger/b",
            "ledger/b/ar.zip.json",
            "lock",
            "lock/.members",
            "lock/.members/unknown-1-aaaaaa");
  }

  /** Workers that open batches and coordinators that merge, while directories vanish. */
  @Test
  void isSafeBesideThoseWhoAreAtWork() throws Exception {
    int batches = 150;
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> work =
          List.of(
              threads.submit(() -> deposits(W, batches)),
              threads.submit(() -> deposits(V, batches)),
              threads.submit(this::mergeUntilStopped));
      Future<?> cleaning = threads.submit(this::tidyUntilStopped);
      work.get(0).get();
      work.get(1).get();
      stop = true;
      work.get(2).get();
      cleaning.get();
    } finally {
      stop = true;
      threads.shutdown();
    }
    at.merge();
    assertThat(at.entries()).hasSize(2 * batches);
    tidying().run(() -> {});
    assertThat(left()).containsExactly("base.json", "ledgers.json");
    assertThat(at.verify().sound()).isTrue();
  }

  private volatile boolean stop;

  private Void deposits(String worker, int batches) throws IOException {
    for (int seq = 1; seq <= batches; seq++) {
      at.batch(worker, seq, seq, Compression.STORED, ARCHIVE, worker + seq, "contents");
    }
    return null;
  }

  private Void mergeUntilStopped() throws IOException {
    while (!stop) {
      var claim = InDirectory.tryLock(at.healthy, at.base.lock(ARCHIVE));
      if (claim.isPresent()) {
        try (DiskLock held = claim.get()) {
          new Consolidator(at.healthy, at.base, at.policy(), "c-1-aaaaaa", "s", Clock.systemUTC())
              .merge(ARCHIVE, List.of(), held::ensureValid);
        } catch (FileSystemException e) {
          // In one process a batch is read through the channel of its writer's lock, which may let
          // go of it right then: nothing is lost, and a coordinator tries again too.
          assertThat(e).hasCauseInstanceOf(ClosedChannelException.class);
        }
      }
    }
    return null;
  }

  private Void tidyUntilStopped() throws IOException {
    while (!stop) {
      tidying().run(() -> {});
    }
    return null;
  }
}
