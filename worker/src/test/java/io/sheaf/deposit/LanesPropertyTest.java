package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.Compression;
import io.sheaf.conf.Durability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever is acknowledged is in a batch once, with its bytes; whatever is not is in none. */
final class LanesPropertyTest {
  private static final int WRITERS = 4;
  private static final int DEPOSITS = 60;

  @Property(tries = 15)
  void keepsWhatItAcknowledges(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int maxOpen,
      @ForAll @IntRange(min = 1, max = 40) int rotateEntries,
      @ForAll boolean deflated)
      throws IOException {
    LaneOptions options =
        new LaneOptions(
            deflated ? Compression.DEFLATED : Compression.STORED,
            Duration.ofMinutes(1),
            200_000,
            rotateEntries,
            Durability.WRITE,
            maxOpen,
            1 << 20,
            0,
            false);
    Path root = Files.createTempDirectory("lanes");
    try (LanesFixture fixture = new LanesFixture(root, options)) {
      Map<String, Integer> acknowledged = new ConcurrentSkipListMap<>();
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      for (int w = 0; w < WRITERS; w++) {
        int writer = w;
        writers.add(
            CompletableFuture.runAsync(
                () -> deposit(fixture, writer, new Random(seed + writer), acknowledged),
                task -> new Thread(task).start()));
      }
      writers.forEach(CompletableFuture::join);
      fixture.disk.failWrites(null);
      fixture.disk.failTruncates(null);
      Map<String, Integer> found = new TreeMap<>();
      fixture
          .contents()
          .forEach(
              (target, contents) -> {
                assertThat(contents).as(target).hasSize(1);
                assertThat(Arrays.equals(contents.get(0), bytes(contents.get(0).length)))
                    .as("the bytes of " + target)
                    .isTrue();
                found.put(target, contents.get(0).length);
              });
      assertThat(found).isEqualTo(acknowledged);
    } finally {
      delete(root);
    }
  }

  /** However many archives there are, and whatever order they come in. */
  @Property(tries = 15)
  void makesNoMoreFilesThanMayBeOpenAndOne(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int maxOpen,
      @ForAll @IntRange(min = 1, max = 60) int archives,
      @ForAll boolean unique)
      throws IOException {
    Path root = Files.createTempDirectory("lanes");
    LaneOptions options = LanesFixture.options(maxOpen, 0, unique);
    try (LanesFixture fixture = new LanesFixture(root, options)) {
      Map<String, Integer> deposited = new ConcurrentSkipListMap<>();
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      for (int w = 0; w < WRITERS; w++) {
        int writer = w;
        Random random = new Random(seed + w);
        writers.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < 3 * DEPOSITS; i++) {
                    String target = "a" + random.nextInt(archives) + ".zip/" + writer + "/" + i;
                    int size = random.nextInt(2_000);
                    put(fixture, target, size);
                    deposited.put(target, size);
                  }
                },
                task -> new Thread(task).start()));
      }
      writers.forEach(CompletableFuture::join);
      Map<String, Integer> found = new TreeMap<>();
      fixture.contents().forEach((target, contents) -> found.put(target, contents.get(0).length));
      assertThat(found).isEqualTo(deposited);
      assertThat(fixture.files()).hasSizeLessThanOrEqualTo(maxOpen + 1);
      assertThat(fixture.sealed.stream().map(batch -> batch.manifest().id()))
          .doesNotHaveDuplicates();
    } finally {
      delete(root);
    }
  }

  private static void put(LanesFixture fixture, String target, int size) {
    try {
      new LaneDepositor(fixture.lanes).deposit(target, bytes(size), DepositOptions.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deposit(
      LanesFixture fixture, int writer, Random random, Map<String, Integer> acknowledged) {
    LaneDepositor to = new LaneDepositor(fixture.lanes);
    for (int i = 0; i < DEPOSITS; i++) {
      disturb(fixture, random);
      String target = "a" + random.nextInt(8) + ".zip/" + writer + "/" + i;
      int size = random.nextInt(random.nextInt(10) == 0 ? 100_000 : 2_000);
      try {
        if (random.nextInt(4) == 0) {
          stream(to, target, size, random);
        } else {
          to.deposit(target, bytes(size), DepositOptions.DEFAULT);
        }
        acknowledged.put(target, size);
      } catch (DepositException e) {
        // Refused while the disk was broken, or given up.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void disturb(LanesFixture fixture, Random random) {
    switch (random.nextInt(30)) {
      case 0 -> fixture.disk.failWrites("No space left on device");
      case 1 -> fixture.disk.failTruncates("Input/output error");
      case 2, 3, 4, 5 -> {
        fixture.disk.failWrites(null);
        fixture.disk.failTruncates(null);
      }
      case 6 -> {
        fixture.clock.advance(Duration.ofSeconds(45));
        fixture.lanes.tick();
      }
      default -> {}
    }
  }

  private static void stream(LaneDepositor to, String target, int size, Random random)
      throws IOException {
    DepositStream out = to.open(target, DepositOptions.DEFAULT);
    byte[] all = bytes(size);
    int at = 0;
    while (at < size) {
      int n = Math.min(size - at, 1 + random.nextInt(90_000));
      out.write(all, at, n);
      at += n;
    }
    if (random.nextInt(5) == 0) {
      out.abort();
      throw new DepositException(DepositException.Kind.FAILED, "given up");
    }
    out.close();
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Example
  void escapesWhatAPathCannotHold() {
    byte[] head = RequestHead.of("a.zip/ %ü", DepositOptions.DEFAULT, 3);
    assertThat(new String(head, StandardCharsets.UTF_8))
        .startsWith("PUT /a.zip/%20%25%C3%BC HTTP/1.1\r\n")
        .contains("Content-Length: 3\r\n");
  }
}
