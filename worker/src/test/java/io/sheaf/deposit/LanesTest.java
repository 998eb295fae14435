package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.batch.Compression;
import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lanes: groups, rotation, sealing, full disks. */
final class LanesTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path directory;

  private LanesFixture fixture(LaneOptions options) throws IOException {
    return new LanesFixture(directory.resolve("base"), options);
  }

  private static void put(LanesFixture fixture, String target, int size) throws IOException {
    new LaneDepositor(fixture.lanes).deposit(target, new byte[size], DepositOptions.DEFAULT);
  }

  private static List<Manifest> manifests(LanesFixture fixture) {
    return fixture.sealed.stream().map(PendingBatch::manifest).toList();
  }

  @Test
  void closesABatchAtItsAgeAlsoWhenNothingComes() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      put(fixture, "a.zip/x", 10);
      fixture.clock.advance(Duration.ofMinutes(5).minusMillis(1));
      fixture.lanes.tick();
      assertThat(fixture.lanes.status().open()).isEqualTo(1);
      fixture.clock.advance(Duration.ofMillis(1));
      fixture.lanes.tick();
      LanesFixture.eventually("the batch is sealed", () -> fixture.sealed.size() == 1);
      assertThat(fixture.lanes.status().open()).isZero();
    }
  }

  /** All processors deflate a group, some entries faster than others. */
  @ParameterizedTest
  @EnumSource(
      value = Compression.class,
      names = {"STORED", "DEFLATED", "AUTO", "DEFLATED_9"})
  void keepsTheOrderWhateverTheCompression(Compression compression) throws IOException {
    LaneOptions options =
        new LaneOptions(
            compression,
            LanesFixture.OPTIONS.rotateInterval(),
            LanesFixture.OPTIONS.rotateBytes(),
            LanesFixture.OPTIONS.rotateEntries(),
            Durability.WRITE,
            1,
            LanesFixture.OPTIONS.memoryLimit(),
            0,
            false);
    Random random = new Random(1);
    try (LanesFixture fixture = fixture(options)) {
      List<String> wanted = new ArrayList<>();
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        byte[] contents = new byte[random.nextInt(i % 50 == 0 ? 200_000 : 3_000)];
        if (i % 2 == 0) {
          random.nextBytes(contents); // Of which nothing gets smaller.
        }
        // Those of b.zip go to the batch of several archives.
        String archive = i % 3 == 0 ? "b.zip" : "a.zip";
        wanted.add(archive + "/" + i);
        Answer answer = new Answer();
        fixture.lanes.submit(
            new Target(archive, "" + i),
            DepositOptions.NOW,
            ByteBuffer.wrap(contents),
            null,
            answer);
        answers.add(answer);
        if (i % 200 == 199) {
          fixture.lanes.kick();
        }
      }
      for (Answer answer : answers) {
        assertThat(answer.failure()).isNull();
      }
      assertThat(fixture.lanes.flush(Duration.ofMinutes(1))).isTrue();
      for (String archive : List.of("a.zip", "b.zip")) {
        assertThat(order(fixture, archive))
            .containsExactlyElementsOf(wanted.stream().filter(n -> n.startsWith(archive)).toList());
      }
    }
  }

  /** The entries of an archive as its one batch, or its part of one, lists them. */
  private static List<String> order(LanesFixture fixture, String archive) throws IOException {
    List<String> names = new ArrayList<>();
    for (String path : fixture.files()) {
      try (ZipFile zip = new ZipFile(fixture.base.root().resolve(path).toFile())) {
        boolean mixed = path.contains("/.mixed/");
        String prefix = mixed || !path.contains("/" + archive + "/") ? "" : archive + "/";
        zip.stream()
            .map(entry -> prefix + entry.getName())
            .filter(name -> name.startsWith(archive + "/"))
            .forEach(names::add);
      }
    }
    return names;
  }

  @Test
  void closesABatchAtItsNumberOfEntries() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.rotating(1 << 30, 7))) {
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < 23; i++) {
        answers.add(submit(fixture, "a.zip/" + i, 10, Durability.WRITE));
      }
      fixture.lanes.kick();
      for (Answer answer : answers) {
        assertThat(answer.failure()).isNull();
      }
      assertThat(fixture.contents()).hasSize(23);
      assertThat(manifests(fixture).stream().map(Manifest::entries))
          .containsExactlyInAnyOrder(7L, 7L, 7L, 2L);
      assertThat(manifests(fixture).stream().map(Manifest::seq))
          .containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    }
  }

  @Test
  void closesABatchAtItsLength() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.rotating(100_000, 60_000))) {
      for (int i = 0; i < 10; i++) {
        put(fixture, "a.zip/" + i, 40_000);
      }
      assertThat(fixture.contents()).hasSize(10);
      assertThat(manifests(fixture).stream().map(Manifest::entries))
          .containsExactlyInAnyOrder(3L, 3L, 3L, 1L);
    }
  }

  @Test
  void keepsNoMoreBatchesOpenThanItMayAndOneThatManyShare() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.options(8, 0, false))) {
      for (int i = 0; i < 300; i++) {
        put(fixture, "a" + i % 100 + ".zip/" + i, 10);
        assertThat(fixture.lanes.status().open()).isLessThanOrEqualTo(9);
      }
      assertThat(fixture.contents()).hasSize(300);
      assertThat(fixture.files()).hasSize(9);
      assertThat(fixture.sealed)
          .hasSize(100)
          .allSatisfy(
              batch -> {
                assertThat(batch.manifest().seq()).isEqualTo(1);
                assertThat(batch.manifest().entries()).isEqualTo(3);
              })
          .filteredOn(LanesFixture::isMixed)
          .hasSize(92);
    }
  }

  @Test
  void anArchiveThatSharesABatchStaysWithItUntilThatIsClosed() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.options(1, 0, false))) {
      put(fixture, "a.zip/1", 1);
      fixture.clock.advance(Duration.ofMinutes(4));
      put(fixture, "b.zip/1", 1);
      fixture.clock.advance(Duration.ofMinutes(2));
      fixture.lanes.tick(); // a.zip has given up its place
      LanesFixture.eventually("a.zip's is sealed", () -> fixture.sealed.size() == 1);
      put(fixture, "b.zip/2", 1);
      put(fixture, "c.zip/1", 1);
      put(fixture, "a.zip/2", 1);
      assertThat(fixture.contents()).hasSize(5);
      assertThat(
              fixture.sealed.stream()
                  .map(b -> b.manifest())
                  .map(m -> m.archive() + " " + m.seq() + " " + m.entries()))
          .containsExactlyInAnyOrder("a.zip 1 1", "b.zip 1 2", "c.zip 1 1", "a.zip 2 1");
      assertThat(fixture.sealed.stream().filter(LanesFixture::isMixed).map(b -> b.manifest()))
          .extracting(Manifest::archive)
          .containsExactlyInAnyOrder("a.zip", "b.zip");
    }
  }

  @Test
  void anEntryThatSharesNoBatchForItsNameHasOneOfItsArchive() throws IOException {
    String longest = "x".repeat(Target.MAX_ENTRY_BYTES);
    try (LanesFixture fixture = fixture(LanesFixture.options(1, 0, false))) {
      put(fixture, "a.zip/1", 1);
      put(fixture, "b.zip/1", 1);
      put(fixture, "b.zip/" + longest, 1);
      put(fixture, "b.zip/2", 1);
      new LaneDepositor(fixture.lanes).open("c.zip/" + longest, DepositOptions.DEFAULT).close();
      assertThat(fixture.contents()).hasSize(5).containsKey("b.zip/" + longest);
    }
  }

  @Test
  void uploadsToFurtherArchivesShareABatchOneAfterTheOther() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.options(2, 0, false))) {
      LaneDepositor to = new LaneDepositor(fixture.lanes);
      for (int i = 0; i < 20; i++) {
        try (DepositStream out = to.open("s" + i + ".zip/x", DepositOptions.DEFAULT)) {
          out.write(new byte[100_000], 0, 100_000);
        }
        put(fixture, "s" + i + ".zip/y", 10);
      }
      DepositStream held = to.open("t.zip/x", DepositOptions.DEFAULT);
      put(fixture, "t.zip/y", 10); // goes on in another
      held.close();
      assertThat(fixture.contents()).hasSize(42);
      assertThat(fixture.files()).hasSize(4);
      assertThat(manifests(fixture).stream().filter(m -> m.archive().equals("t.zip")))
          .extracting(Manifest::seq)
          .containsExactlyInAnyOrder(1L, 2L);
    }
  }

  @Test
  void syncsAGroupOnce() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        answers.add(submit(fixture, "a.zip/" + i, 10, Durability.FSYNC));
      }
      int before = fixture.disk.syncs();
      fixture.lanes.kick();
      for (Answer answer : answers) {
        assertThat(answer.failure()).isNull();
      }
      assertThat(fixture.disk.syncs()).isEqualTo(before + 1);
    }
  }

  @Test
  void aSlowUploadHoldsNobodyUp() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      DepositStream slow =
          new LaneDepositor(fixture.lanes).open("a.zip/slow", DepositOptions.DEFAULT);
      slow.write(new byte[100_000]);
      put(fixture, "a.zip/quick", 10);
      assertThat(fixture.lanes.status().open()).isEqualTo(2);
      slow.write(new byte[100_000]);
      slow.close();
      put(fixture, "a.zip/after", 10);
      assertThat(fixture.contents()).containsOnlyKeys("a.zip/slow", "a.zip/quick", "a.zip/after");
    }
  }

  @Test
  void oneBatchTakesUploadsAfterEachOther() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      for (int i = 0; i < 3; i++) {
        put(fixture, "a.zip/" + i, 2_000_000);
      }
      assertThat(fixture.contents()).hasSize(3);
      assertThat(fixture.sealed).hasSize(1);
    }
  }

  @Test
  void usesTheNumberOfAnEmptyBatchAgain() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      fixture.disk.failWrites("No space left on device");
      assertThatThrownBy(() -> put(fixture, "a.zip/lost", 10)).isInstanceOf(DepositException.class);
      fixture.disk.failWrites(null);
      assertThat(fixture.contents()).isEmpty();
      put(fixture, "a.zip/x", 10);
      assertThat(fixture.contents()).hasSize(1);
      assertThat(manifests(fixture)).extracting(Manifest::seq).containsExactly(1L);
    }
  }

  @Test
  void goesOnWithAnotherBatchWhenOneIsBroken() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      put(fixture, "a.zip/before", 10);
      fixture.disk.failTruncates("Input/output error");
      fixture.disk.failWrites("Input/output error");
      assertThatThrownBy(() -> put(fixture, "a.zip/lost", 10))
          .isInstanceOfSatisfying(
              DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
      fixture.disk.failWrites(null);
      fixture.disk.failTruncates(null);
      put(fixture, "a.zip/after", 10);
      assertThat(fixture.contents()).containsOnlyKeys("a.zip/before", "a.zip/after");
      assertThat(manifests(fixture)).extracting(Manifest::seq).containsExactlyInAnyOrder(1L, 2L);
    }
  }

  @Test
  void keepsWhatWasAcknowledgedBeforeASyncFailed() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      put(fixture, "a.zip/before", 10);
      fixture.disk.failSyncs("Input/output error");
      Answer synced = submit(fixture, "a.zip/synced", 10, Durability.FSYNC);
      fixture.lanes.kick();
      assertThat(synced.failure()).isNotNull();
      fixture.disk.failSyncs(null);
      put(fixture, "a.zip/after", 10);
      assertThat(fixture.contents()).containsKeys("a.zip/before", "a.zip/after");
    }
  }

  @Test
  void answersAndGoesOnWhenMemoryRunsOut() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.options(64, 0, true))) {
      put(fixture, "a.zip/before", 10);
      fixture.disk.exhaustMemory(true);
      assertThatThrownBy(() -> put(fixture, "a.zip/small", 10))
          .isInstanceOfSatisfying(
              DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FAILED));
      assertThatThrownBy(() -> put(fixture, "a.zip/large", Lanes.SMALL + 1))
          .isInstanceOfSatisfying(
              DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FAILED));
      fixture.disk.exhaustMemory(false);
      put(fixture, "a.zip/small", 10);
      put(fixture, "a.zip/large", Lanes.SMALL + 1);
      fixture.lanes.refuse("the end");
      assertThat(fixture.lanes.awaitQuiet(LONG)).isTrue();
      assertThat(fixture.contents()).containsOnlyKeys("a.zip/before", "a.zip/small", "a.zip/large");
    }
  }

  @Test
  void isNotFlushedWhileADepositHoldsABatch() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      DepositStream out = new LaneDepositor(fixture.lanes).open("a.zip/x", DepositOptions.DEFAULT);
      out.write(new byte[10]);
      assertThat(fixture.lanes.flush(Duration.ofMillis(1))).isFalse();
      CompletableFuture<Boolean> flushed =
          CompletableFuture.supplyAsync(
              () -> fixture.lanes.flush(LONG), task -> new Thread(task).start());
      out.close();
      assertThat(flushed.join()).isTrue();
      assertThat(fixture.sealed).hasSize(1);
    }
  }

  @Test
  void triesAgainToSealAndSaysSo() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      put(fixture, "a.zip/x", 10);
      fixture.disk.failSyncs("Input/output error");
      assertThat(fixture.lanes.flush(Duration.ZERO)).isFalse();
      LanesFixture.eventually(
          "the failure shows", () -> !fixture.lanes.status().sealFailures().isEmpty());
      assertThat(fixture.lanes.status().sealFailures().get(0))
          .contains("a.zip 1")
          .contains("Input/output error");
      fixture.disk.failSyncs(null);
      assertThat(fixture.lanes.flush(LONG)).isTrue();
      assertThat(fixture.contents()).containsOnlyKeys("a.zip/x");
      assertThat(fixture.lanes.status().sealFailures()).isEmpty();
    }
  }

  @Test
  void countsWhatItCouldNotKeepAfterTheAnswer() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      fixture.disk.failWrites("No space left on device");
      Answer answer = submit(fixture, "a.zip/x", 10, Durability.NONE);
      assertThat(answer.failure()).isNull();
      fixture.lanes.kick();
      LanesFixture.eventually("the loss is counted", () -> fixture.lanes.status().lost() == 1);
    }
  }

  @Test
  void countsTheMemoryOfWhatIsQueued() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      Answer answer = submit(fixture, "a.zip/x", 100_000, Durability.WRITE);
      assertThat(fixture.lanes.memory().used()).isGreaterThanOrEqualTo(100_000);
      fixture.lanes.kick();
      assertThat(answer.failure()).isNull();
      LanesFixture.eventually("it is released", () -> fixture.lanes.memory().used() == 0);
    }
  }

  @Test
  void wakesWhoeverWaitsForMemory() {
    MemoryBudget memory = new MemoryBudget(100);
    CountDownLatch woken = new CountDownLatch(1);
    memory.charge(120);
    assertThat(memory.isOver()).isTrue();
    memory.whenRelieved(woken::countDown);
    memory.release(30);
    assertThat(woken.getCount()).isEqualTo(1);
    memory.release(30);
    assertThat(woken.getCount()).isZero();
  }

  @Test
  void waitsForUploadsThatWereLetIn() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      DepositStream out = new LaneDepositor(fixture.lanes).open("a.zip/x", DepositOptions.DEFAULT);
      fixture.lanes.refuse("stopping");
      assertThat(fixture.lanes.awaitQuiet(Duration.ofMillis(1))).isFalse();
      CompletableFuture<Boolean> quiet =
          CompletableFuture.supplyAsync(
              () -> fixture.lanes.awaitQuiet(LONG), task -> new Thread(task).start());
      out.write(new byte[10]);
      out.close();
      assertThat(quiet.join()).isTrue();
      assertThat(fixture.contents()).containsOnlyKeys("a.zip/x");
    }
  }

  @Test
  void leavesOpenBatchesForSalvageWhenItEndsWithoutAFlush() throws IOException {
    try (LanesFixture fixture = fixture(LanesFixture.OPTIONS)) {
      put(fixture, "a.zip/x", 10);
    }
    assertThat(directory.resolve("base/.sheaf/inbox/a.zip").toFile().list())
        .containsExactly("host-1-abcdef-1.zip.part");
  }

  @Test
  void namesHostsWithoutTheSeparator() {
    assertThat(WorkerId.sanitize("node-17.cluster.example")).isEqualTo("node_17");
    assertThat(WorkerId.sanitize("")).isEqualTo("localhost");
    WorkerId id = WorkerId.create();
    assertThat(id.toString()).matches("[A-Za-z0-9_.]+-\\d+-[0-9a-z]{6}");
    assertThat(id).isNotEqualTo(WorkerId.create());
  }

  private static Answer submit(LanesFixture fixture, String target, int size, Durability durability)
      throws IOException {
    Answer answer = new Answer();
    Target parsed = Targets.parse(target);
    fixture.lanes.submit(parsed, DepositOptions.NOW, ByteBuffer.allocate(size), durability, answer);
    return answer;
  }

  private static final class Answer implements Receipt {
    private final CompletableFuture<@Nullable DepositException> done = new CompletableFuture<>();

    @Override
    public void done(@Nullable DepositException failure) {
      done.complete(failure);
    }

    @Nullable DepositException failure() {
      return done.orTimeout(60, TimeUnit.SECONDS).join();
    }
  }
}
