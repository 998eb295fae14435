package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every way to deposit must do. */
public abstract class DepositorContract {
  @TempDir protected Path directory;

  private final List<AutoCloseable> open = new ArrayList<>();

  /** A depositor into these lanes; closed before them, with what else is given to it. */
  protected abstract Depositor depositor(LanesFixture fixture) throws IOException;

  protected final <T extends AutoCloseable> T closeLater(T part) {
    open.add(0, part);
    return part;
  }

  private LanesFixture fixture(LaneOptions options) throws IOException {
    return closeLater(new LanesFixture(directory.resolve("base"), options));
  }

  private LanesFixture fixture() throws IOException {
    return fixture(LanesFixture.OPTIONS);
  }

  private Depositor to(LanesFixture fixture) throws IOException {
    return closeLater(depositor(fixture));
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable part : open) {
      part.close();
    }
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static void assertRefused(Kind kind, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(DepositException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 200, 65_536, 1 << 20, (1 << 20) + 1, 5_000_000})
  void keepsBytes(int size) throws IOException {
    LanesFixture lanes = fixture();
    to(lanes).deposit("a.zip/x", bytes(size), DepositOptions.DEFAULT);
    assertThat(lanes.content("a.zip/x")).isEqualTo(bytes(size));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 70_000, 300_000, 3_000_000})
  void keepsAStreamOfUnknownLength(int size) throws IOException {
    LanesFixture lanes = fixture();
    try (DepositStream out = to(lanes).open("b/c.zip/d/e", DepositOptions.DEFAULT)) {
      byte[] all = bytes(size);
      for (int at = 0; at < size; at += 30_011) {
        out.write(all, at, Math.min(30_011, size - at));
      }
    }
    assertThat(lanes.content("b/c.zip/d/e")).isEqualTo(bytes(size));
  }

  @Test
  void aLogBecomesAnEntry() throws IOException {
    LanesFixture lanes = fixture();
    AppendStream log = to(lanes).append("a.zip/log.txt", AppendOptions.DEFAULT);
    log.write("one\n".getBytes(StandardCharsets.UTF_8));
    assertThat(log.awaitSafe(Duration.ofSeconds(60))).isTrue();
    assertThat(log.safe()).isEqualTo(4);
    log.write("two\n".getBytes(StandardCharsets.UTF_8));
    log.close();
    assertThat(log.safe()).isEqualTo(8);
    assertThat(log.entries()).isEqualTo(1);
    assertThat(lanes.content("a.zip/log.txt")).asString().isEqualTo("one\ntwo\n");
  }

  @Test
  void aLogIsCutIntoEntries() throws IOException {
    LanesFixture lanes = fixture();
    AppendOptions options = AppendOptions.DEFAULT.withRule(SegmentRule.parse("1h,1M"));
    byte[] line = ("x".repeat(99) + "\n").getBytes(StandardCharsets.US_ASCII);
    AppendStream log = to(lanes).append("a.zip/big", options);
    for (int i = 0; i < 30_000; i++) {
      log.write(line, 0, line.length);
    }
    log.close();
    assertThat(log.entries()).isEqualTo(3);
    assertThat(lanes.content("a.zip/big")).hasSize(1_048_500);
    assertThat(lanes.content("a.zip/big.1")).hasSize(1_048_500);
    assertThat(lanes.content("a.zip/big.2")).hasSize(3_000_000 - 2 * 1_048_500);
  }

  /** What follows the last line feed goes to the next entry, in however many pieces it came. */
  @Test
  void aCutMovesAllPiecesOfALine() throws IOException {
    LanesFixture lanes = fixture();
    AppendOptions options = AppendOptions.DEFAULT.withRule(SegmentRule.parse("100"));
    try (AppendStream log = to(lanes).append("a.zip/pieces", options)) {
      log.write("a line of some length\n".getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < 12; i++) {
        assertThat(log.awaitSafe(Duration.ofSeconds(60))).isTrue(); // Each is a record then.
        log.write(("piece " + i % 10 + ".").getBytes(StandardCharsets.US_ASCII));
      }
    }
    assertThat(lanes.content("a.zip/pieces")).asString().isEqualTo("a line of some length\n");
    assertThat(lanes.content("a.zip/pieces.1"))
        .asString()
        .startsWith("piece 0.piece 1.piece 2.")
        .endsWith("piece 0.piece 1.")
        .hasSize(12 * 8);
  }

  @Test
  void aLogThatIsRefusedSaysWhy() throws IOException {
    LanesFixture lanes = fixture();
    AppendOptions options = AppendOptions.DEFAULT.withRule(SegmentRule.parse("1M"));
    assertThatThrownBy(
            () -> {
              try (AppendStream log = to(lanes).append("a.zip/d/", options)) {
                log.write(1);
              }
            })
        .isInstanceOf(DepositException.class)
        .hasMessageContaining("a file");
  }

  @Test
  void keepsAStreamOfKnownLength() throws IOException {
    LanesFixture lanes = fixture();
    DepositOptions options = DepositOptions.DEFAULT.withSize(2_000_000);
    try (DepositStream out = to(lanes).open("a.zip/x", options)) {
      out.write(bytes(2_000_000));
    }
    assertThat(lanes.content("a.zip/x")).isEqualTo(bytes(2_000_000));
  }

  @Test
  void refusesAStreamOfAnotherLengthThanAnnounced() throws IOException {
    LanesFixture lanes = fixture();
    Depositor to = to(lanes);
    DepositStream shorter = to.open("a.zip/short", DepositOptions.DEFAULT.withSize(10));
    shorter.write(bytes(9));
    assertRefused(Kind.REFUSED, "announced", shorter::close);
    DepositStream longer = to.open("a.zip/long", DepositOptions.DEFAULT.withSize(10));
    assertRefused(
        Kind.REFUSED,
        "announced",
        () -> {
          longer.write(bytes(100_000));
          longer.close();
        });
    to.deposit("a.zip/x", bytes(1), DepositOptions.DEFAULT);
    assertThat(lanes.contents()).containsOnlyKeys("a.zip/x");
  }

  @Test
  void keepsNothingOfAStreamThatIsAborted() throws IOException {
    LanesFixture lanes = fixture();
    Depositor to = to(lanes);
    DepositStream out = to.open("a.zip/gone", DepositOptions.DEFAULT);
    out.write(bytes(2_000_000));
    out.abort();
    out.close();
    to.deposit("a.zip/x", bytes(7), DepositOptions.DEFAULT);
    LanesFixture.eventually("the upload ends", () -> lanes.lanes.status().failed() == 1);
    assertThat(lanes.contents()).containsOnlyKeys("a.zip/x");
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void keepsEntriesOfEachDurability(Durability durability) throws IOException {
    LanesFixture lanes = fixture();
    Depositor to = to(lanes);
    DepositOptions options = DepositOptions.DEFAULT.withDurability(durability);
    int before = lanes.disk.syncs();
    to.deposit("a.zip/small", bytes(100), options);
    try (DepositStream out = to.open("a.zip/large", options)) {
      out.write(bytes(2_000_000));
    }
    if (durability == Durability.FSYNC) {
      assertThat(lanes.disk.syncs()).isGreaterThanOrEqualTo(before + 2);
    }
    LanesFixture.eventually("both are written", () -> lanes.lanes.status().deposits() == 2);
    assertThat(lanes.contents()).containsOnlyKeys("a.zip/small", "a.zip/large");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a.zip",
        "a.zip/",
        "/a.zip/x",
        "a.zip//x",
        "../a.zip/x",
        "a.zip/../x",
        "a.zip/./x",
        "a.zip/x\0y",
        "a.zip/x\\y",
        "noarchive/x",
        ".sheaf/a.zip/x",
        ".zip/x",
        "a.zip/C:x"
      })
  void refusesNamesThatNoArchiveMayHold(String target) throws IOException {
    LanesFixture lanes = fixture();
    Depositor to = to(lanes);
    assertThatThrownBy(() -> to.deposit(target, bytes(3), DepositOptions.DEFAULT))
        .isInstanceOfSatisfying(
            DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
    assertThatThrownBy(() -> to.open(target, DepositOptions.DEFAULT).close())
        .isInstanceOfSatisfying(
            DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
    assertThat(lanes.contents()).isEmpty();
  }

  @Test
  void refusesANameThatIsTooLong() throws IOException {
    LanesFixture lanes = fixture();
    Depositor to = to(lanes);
    to.deposit("a.zip/" + "n".repeat(Target.MAX_ENTRY_BYTES), bytes(1), DepositOptions.DEFAULT);
    assertRefused(
        Kind.REFUSED,
        String.valueOf(Target.MAX_ENTRY_BYTES),
        () ->
            to.deposit(
                "a.zip/" + "n".repeat(Target.MAX_ENTRY_BYTES + 1),
                bytes(1),
                DepositOptions.DEFAULT));
    assertThat(lanes.contents()).hasSize(1);
  }

  @Test
  void keepsOddNames() throws IOException {
    LanesFixture lanes = fixture();
    Depositor to = to(lanes);
    List<String> names =
        List.of(
            "with space",
            "100%",
            "%41",
            "a?b#c&d+e",
            "grün/日本語/😀",
            "x".repeat(4_000),
            "~",
            "ab:c",
            " ",
            "q\"'<>|*",
            "in.zip/inner");
    for (String name : names) {
      to.deposit("a.zip/" + name, name.getBytes(StandardCharsets.UTF_8), DepositOptions.DEFAULT);
    }
    assertThat(lanes.contents().keySet())
        .containsExactlyInAnyOrderElementsOf(names.stream().map(n -> "a.zip/" + n).toList());
  }

  @Test
  void keepsTheTimeOfModification() throws IOException {
    LanesFixture lanes = fixture();
    long modified = 1_600_000_000_000L;
    to(lanes).deposit("a.zip/x", bytes(1), DepositOptions.DEFAULT.withModified(modified));
    assertThat(lanes.modified("a.zip", "x")).isEqualTo(modified);
  }

  @Test
  void refusesWhatIsTooLarge() throws IOException {
    LanesFixture lanes = fixture(LanesFixture.options(64, 1_000, false));
    Depositor to = to(lanes);
    to.deposit("a.zip/fits", bytes(1_000), DepositOptions.DEFAULT);
    assertRefused(
        Kind.TOO_LARGE,
        "max_entry_bytes",
        () -> to.deposit("a.zip/large", bytes(1_001), DepositOptions.DEFAULT));
    assertRefused(
        Kind.TOO_LARGE,
        "max_entry_bytes",
        () -> {
          try (DepositStream out = to.open("a.zip/stream", DepositOptions.DEFAULT)) {
            out.write(bytes(1_500_000));
          }
        });
    assertThat(lanes.contents()).containsOnlyKeys("a.zip/fits");
  }

  @Test
  void refusesANameThatIsTakenWhenNamesAreUnique() throws IOException {
    LanesFixture lanes = fixture(LanesFixture.options(64, 0, true));
    Depositor to = to(lanes);
    to.deposit("a.zip/x", bytes(1), DepositOptions.DEFAULT);
    to.deposit("b.zip/x", bytes(1), DepositOptions.DEFAULT);
    assertRefused(
        Kind.CONFLICT,
        "duplicates=error",
        () -> to.deposit("a.zip/x", bytes(2), DepositOptions.DEFAULT));
    assertRefused(
        Kind.CONFLICT,
        "duplicates=error",
        () -> {
          try (DepositStream out = to.open("a.zip/x", DepositOptions.DEFAULT)) {
            out.write(bytes(2_000_000));
          }
        });
    assertThat(lanes.content("a.zip/x")).isEqualTo(bytes(1));
  }

  @Test
  void keepsBothOfOneNameOtherwise() throws IOException {
    LanesFixture lanes = fixture();
    Depositor to = to(lanes);
    to.deposit("a.zip/x", bytes(1), DepositOptions.DEFAULT);
    // A zip with one name twice is what no reader shows whole: the merge sorts that out.
    to.deposit("a.zip/x", bytes(2), DepositOptions.DEFAULT);
    lanes.lanes.flush(Duration.ofSeconds(60));
    assertThat(lanes.sealed).hasSize(1);
    assertThat(lanes.sealed.element().manifest().entries()).isEqualTo(2);
  }

  @Test
  void saysWhyItTakesNoMore() throws IOException {
    LanesFixture lanes = fixture();
    Depositor to = to(lanes);
    to.deposit("a.zip/x", bytes(1), DepositOptions.DEFAULT);
    lanes.lanes.refuse("the session is being drained");
    assertRefused(
        Kind.UNAVAILABLE, "drained", () -> to.deposit("a.zip/y", bytes(1), DepositOptions.DEFAULT));
    assertRefused(
        Kind.UNAVAILABLE,
        "drained",
        () -> {
          try (DepositStream out = to.open("a.zip/z", DepositOptions.DEFAULT)) {
            out.write(bytes(2_000_000));
          }
        });
    assertThat(lanes.contents()).containsOnlyKeys("a.zip/x");
  }

  @Test
  void saysThatTheDiskIsFullAndGoesOnWhenItIsNot() throws IOException {
    LanesFixture lanes = fixture();
    Depositor to = to(lanes);
    to.deposit("a.zip/before", bytes(10), DepositOptions.DEFAULT);
    lanes.disk.failWrites("No space left on device");
    assertRefused(
        Kind.NO_SPACE,
        "make room",
        () -> to.deposit("a.zip/small", bytes(10), DepositOptions.DEFAULT));
    assertRefused(
        Kind.NO_SPACE,
        "make room",
        () -> {
          try (DepositStream out = to.open("a.zip/large", DepositOptions.DEFAULT)) {
            out.write(bytes(2_000_000));
          }
        });
    lanes.disk.failWrites(null);
    to.deposit("a.zip/after", bytes(10), DepositOptions.DEFAULT);
    assertThat(lanes.contents()).containsOnlyKeys("a.zip/before", "a.zip/after");
  }

  @Test
  void takesDepositsOfManyThreadsForManyArchives() throws IOException {
    LanesFixture lanes = fixture(LanesFixture.options(8, 0, false));
    Depositor to = to(lanes);
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      String writer = "w" + t;
      writers.add(
          CompletableFuture.runAsync(
              () -> depositMany(to, writer), task -> new Thread(task).start()));
    }
    writers.forEach(CompletableFuture::join);
    assertThat(lanes.contents()).hasSize(8 * 120);
    assertThat(lanes.contents().values()).allMatch(found -> found.size() == 1);
  }

  private static void depositMany(Depositor to, String writer) {
    try {
      for (int i = 0; i < 120; i++) {
        String target = "d/a" + i % 20 + ".zip/" + writer + "/" + i;
        if (i % 10 == 0) {
          try (DepositStream out = to.open(target, DepositOptions.DEFAULT)) {
            out.write(bytes(300_000));
          }
        } else {
          to.deposit(target, bytes(i), DepositOptions.DEFAULT);
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 3_000_000})
  void picksUpAFileAndRemovesItAfterwards(int size) throws IOException {
    LanesFixture lanes = fixture();
    Path file = Files.write(directory.resolve("file"), bytes(size));
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_500_000_000_000L));
    Depositor to = to(lanes);
    to.pickup(file, "a.zip/kept", PickupOptions.KEEP);
    assertThat(file).exists();
    to.pickup(file, "a.zip/moved", PickupOptions.REMOVE);
    assertThat(file).doesNotExist();
    assertThat(lanes.content("a.zip/kept")).isEqualTo(bytes(size));
    assertThat(lanes.content("a.zip/moved")).isEqualTo(bytes(size));
    assertThat(lanes.modified("a.zip", "moved")).isEqualTo(1_500_000_000_000L);
  }

  @Test
  void leavesAFileThatCouldNotBeDeposited() throws IOException {
    LanesFixture lanes = fixture();
    Path file = Files.write(directory.resolve("file"), bytes(10));
    Depositor to = to(lanes);
    lanes.disk.failWrites("No space left on device");
    assertRefused(
        Kind.NO_SPACE, "make room", () -> to.pickup(file, "a.zip/x", PickupOptions.REMOVE));
    assertThat(file).hasBinaryContent(bytes(10));
  }

  @Test
  void picksUpNothingButRegularFiles() throws IOException {
    LanesFixture lanes = fixture();
    Depositor to = to(lanes);
    Path file = Files.write(directory.resolve("file"), bytes(10));
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertRefused(Kind.REFUSED, "links", () -> to.pickup(link, "a.zip/x", PickupOptions.REMOVE));
    assertRefused(
        Kind.REFUSED, "regular", () -> to.pickup(directory, "a.zip/x", PickupOptions.KEEP));
    assertRefused(
        Kind.REFUSED,
        "no such file",
        () -> to.pickup(directory.resolve("none"), "a.zip/x", PickupOptions.KEEP));
    assertThat(link).isSymbolicLink();
    assertThat(lanes.contents()).isEmpty();
  }

  @Test
  void leavesTheCallersBufferAsItIs() throws IOException {
    LanesFixture lanes = fixture();
    ByteBuffer contents = ByteBuffer.wrap(bytes(100)).position(10).limit(60);
    to(lanes).deposit("a.zip/x", contents, DepositOptions.DEFAULT);
    assertThat(contents.position()).isEqualTo(10);
    assertThat(contents.limit()).isEqualTo(60);
    assertThat(lanes.content("a.zip/x")).hasSize(50);
  }
}
