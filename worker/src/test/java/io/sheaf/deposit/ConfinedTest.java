package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sheaf.deposit.Confined.Rules;
import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class ConfinedTest {
  private static final int NOBODY = 65_534;

  @TempDir Path directory;
  private Path root;
  private Path outside;

  @BeforeEach
  void fill() throws IOException {
    root = Files.createDirectories(directory.resolve("root"));
    outside = Files.createDirectories(directory.resolve("outside/a/b"));
    outside = directory.resolve("outside");
    Files.createDirectories(root.resolve("a/b"));
    Files.writeString(root.resolve("a/b/file"), "inside");
    Files.writeString(outside.resolve("a/b/file"), "secret");
    Files.writeString(outside.resolve("file"), "secret");
  }

  private static String read(ConfinedFile file) throws IOException {
    return new String(
        Channels.newInputStream(file.channel()).readAllBytes(), StandardCharsets.UTF_8);
  }

  private String read(Rules rules, String path) throws IOException {
    try (Confined in = Confined.in(root, rules);
        ConfinedFile file = in.open(Path.of(path))) {
      return read(file);
    }
  }

  private void refuses(Rules rules, String path, String reason) {
    assertThatThrownBy(() -> read(rules, path))
        .isInstanceOfSatisfying(
            DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED))
        .hasMessageContaining(root.resolve(path) + ": ")
        .hasMessageContaining(reason)
        .hasMessageNotContaining("\n");
  }

  @Test
  void opensWhatIsBelow() throws IOException {
    assertThat(read(Rules.STRICT, "a/b/file")).isEqualTo("inside");
    assertThat(read(Rules.STRICT, "./a/./b/file")).isEqualTo("inside");
    Path link = Files.createSymbolicLink(directory.resolve("link"), root);
    try (Confined in = Confined.in(link, Rules.STRICT);
        ConfinedFile file = in.open(Path.of("a/b/file"))) {
      assertThat(file.size()).isEqualTo(6);
      assertThat(read(file)).isEqualTo("inside");
      assertThat(file.isUnchanged(6)).isTrue();
      Files.writeString(root.resolve("a/b/other"), "inside");
      Files.move(
          root.resolve("a/b/other"),
          root.resolve("a/b/file"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      assertThat(file.isUnchanged(6)).isFalse();
    }
  }

  private List<String> walk(String start, Path... notEntered) throws Exception {
    List<String> found = new ArrayList<>();
    Confined.Visitor visitor =
        new Confined.Visitor() {
          @Override
          public boolean enters(Path relative) {
            return !List.of(notEntered).contains(relative);
          }

          @Override
          public boolean file(Path relative, Confined.Opening opening) throws IOException {
            try (ConfinedFile file = opening.open()) {
              found.add(relative + "=" + read(file));
            }
            return true;
          }
        };
    try (Confined in = Confined.in(root, Rules.STRICT)) {
      in.walk(Path.of(start), visitor);
    }
    return found;
  }

  @Test
  void walksBelowADirectoryThatIsReachedWithoutALink() throws Exception {
    Files.writeString(root.resolve("top"), "t");
    Files.createSymbolicLink(root.resolve("link"), outside);
    Files.createSymbolicLink(root.resolve("a/link"), outside.resolve("a"));
    assertThat(walk("")).containsExactly("a/b/file=inside", "top=t");
    assertThat(walk("a")).containsExactly("a/b/file=inside");
    assertThat(walk("a/b")).containsExactly("a/b/file=inside");
    assertThat(walk("", Path.of("a/b"))).containsExactly("top=t");
    assertThat(walk("link")).isEmpty();
    assertThat(walk("link/a")).isEmpty();
    assertThat(walk("a/link/b")).isEmpty();
    assertThat(walk("top")).isEmpty();
    assertThat(walk("none/at/all")).isEmpty();
    assertThatThrownBy(() -> walk("../outside")).hasMessageContaining("leads out");
  }

  @Test
  void removesOnlyWhatWasRead() throws IOException {
    Path path = root.resolve("a/b/file");
    try (Confined in = Confined.in(root, Rules.STRICT);
        ConfinedFile file = in.open(Path.of("a/b/file"))) {
      Files.writeString(path, "inside and more");
      assertThatThrownBy(file::remove)
          .isInstanceOfSatisfying(
              DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
      assertThat(path).hasContent("inside and more");
    }
    try (Confined in = Confined.in(root, Rules.STRICT);
        ConfinedFile file = in.open(Path.of("a/b/file"))) {
      file.remove();
      assertThat(path).doesNotExist();
      assertThatThrownBy(file::remove).isInstanceOf(DepositException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a, is a directory",
    "a/b/none, no such file",
    "none/file, no such file",
    "a/b/file/x, not a directory",
    "../outside/file, leads out",
    "a/../../outside/file, leads out",
    ".., leads out",
    "., not a regular file"
  })
  void refusesWhatIsNoFileBelow(String path, String reason) {
    refuses(Rules.STRICT, path, reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a/b", "a/b/file"})
  void followsNoLinkInAnyComponent(String component) throws IOException {
    Files.move(root.resolve("a"), directory.resolve("aside"));
    Files.createDirectories(root.resolve(component).resolveSibling("."));
    Files.createSymbolicLink(root.resolve(component), outside.resolve(component));
    refuses(Rules.STRICT, "a/b/file", "symbolic link");
    assertThat(read(new Rules(true, false, false), "a/b/file")).isEqualTo("secret");
  }

  @Test
  void opensNeitherFifosNorDevices() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", root + "/fifo").start().waitFor()).isZero();
    Files.createDirectory(root.resolve("d"));
    refuses(Rules.ANY, "fifo", "not a regular file");
    refuses(Rules.STRICT, "fifo", "a FIFO");
    refuses(Rules.STRICT, "fifo/x", "not a directory");
    assumeTrue(Owners.self() == Owners.ROOT, "only root can make devices");
    int made = new ProcessBuilder("mknod", root + "/null", "c", "1", "3").start().waitFor();
    assumeTrue(made == 0, "devices cannot be made here");
    refuses(Rules.ANY, "null", "a device");
    refuses(Rules.STRICT, "null", "a device");
  }

  @Test
  void refusesFilesOfOtherUsersUnlessToldOtherwise() throws IOException {
    assumeTrue(Owners.self() == Owners.ROOT, "only root can make files of other users");
    Files.setAttribute(root.resolve("a/b/file"), "unix:uid", NOBODY);
    refuses(Rules.STRICT, "a/b/file", "belongs to another user, uid " + NOBODY);
    assertThat(read(new Rules(false, true, false), "a/b/file")).isEqualTo("inside");
  }

  @Test
  void refusesHardLinksUnlessToldOtherwise() throws IOException {
    Files.createLink(root.resolve("a/second"), outside.resolve("file"));
    refuses(Rules.STRICT, "a/second", "known by 2 names (hard links)");
    assertThat(read(new Rules(false, false, true), "a/second")).isEqualTo("secret");
  }

  /** Descriptors come and go meanwhile, of other files too. */
  @Test
  void opensForManyThreadsAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<String>> all = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        all.add(threads.submit(() -> read(Rules.STRICT, "a/b/file")));
      }
      for (Future<String> each : all) {
        assertThat(each.get()).isEqualTo("inside");
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void walksInOrderAndLeavesLinksOut() throws Exception {
    Files.writeString(root.resolve("z"), "");
    Files.writeString(root.resolve("a/c"), "");
    Files.createSymbolicLink(root.resolve("a/link"), outside);
    Files.createSymbolicLink(root.resolve("k"), outside.resolve("file"));
    List<String> found = new ArrayList<>();
    try (Confined in = Confined.in(root, Rules.STRICT)) {
      in.walk((relative, opening) -> found.add(relative.toString()));
    }
    assertThat(found).containsExactly("a/b/file", "a/c", "z");
  }

  /** Somebody who may rename in the tree replaces each component by a link, and back. */
  @Test
  void staysInsideWhileComponentsAreSwapped() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed of the swaps: " + seed);
    AtomicBoolean stop = new AtomicBoolean();
    List<Throwable> failures = new ArrayList<>();
    Thread swapper =
        new Thread(
            () -> {
              try {
                swap(new Random(seed), stop);
              } catch (IOException | RuntimeException e) {
                failures.add(e);
              }
            });
    swapper.start();
    int inside = 0;
    int refused = 0;
    try (Confined in = Confined.in(root, Rules.STRICT)) {
      while (inside < 50 || refused < 50) {
        assertThat(swapper.isAlive()).as("%s", failures).isTrue();
        try (ConfinedFile file = in.open(Path.of("a/b/file"))) {
          assertThat(read(file)).as("seed %d", seed).isEqualTo("inside");
          inside++;
        } catch (DepositException e) {
          assertThat(e.kind()).isIn(Kind.REFUSED, Kind.CONFLICT);
          refused++;
        }
        try (Confined again = Confined.in(root, Rules.STRICT)) {
          again.walk(
              (relative, opening) -> {
                try (ConfinedFile file = opening.open()) {
                  assertThat(read(file)).as("seed %d", seed).isEqualTo("inside");
                } catch (DepositException e) {
                  assertThat(e.kind()).isIn(Kind.REFUSED, Kind.CONFLICT);
                }
                return true;
              });
        }
      }
    } finally {
      stop.set(true);
      swapper.join();
    }
    assertThat(failures).isEmpty();
  }

  private void swap(Random random, AtomicBoolean stop) throws IOException {
    String[] components = {"a", "a/b", "a/b/file"};
    Path aside = directory.resolve("aside");
    Path theirs = Files.writeString(directory.resolve("theirs"), "secret");
    boolean root = Owners.self() == Owners.ROOT;
    if (root) {
      Files.setAttribute(theirs, "unix:uid", NOBODY);
    }
    while (!stop.get()) {
      String component = components[random.nextInt(components.length)];
      Path here = this.root.resolve(component);
      Files.move(here, aside);
      if (root && component.equals("a/b/file") && random.nextBoolean()) {
        // A regular file too: only the open file itself tells whose it is.
        Files.move(theirs, here);
        Thread.onSpinWait();
        Files.move(here, theirs);
      } else {
        Files.createSymbolicLink(here, outside.resolve(component));
        Thread.onSpinWait();
        Files.delete(here);
      }
      Files.move(aside, here);
    }
  }
}
