package io.sheaf.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
  @TempDir Path directory;
  private Path source;
  private Path base;

  @BeforeEach
  void tree() throws IOException {
    source = directory.resolve("source");
    base = directory.resolve("base");
    for (int i = 0; i < 60; i++) {
      Path file = source.resolve((char) ('a' + i % 26) + "/file " + i);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "contents of " + i + "\n".repeat(i));
    }
    Files.writeString(source.resolve("a/back\\slash"), "no archive may hold it");
    Files.createSymbolicLink(source.resolve("a/link"), Path.of("file 0"));
  }

  @Test
  void theTreeSaysWhatItLeavesOut() throws IOException {
    Files.createDirectories(source.resolve("out"));
    Files.writeString(source.resolve("out/x"), "");
    DemoTree tree = DemoTree.scan(source, source.resolve("out"));
    assertThat(tree.files()).hasSize(60);
    assertThat(tree.symlinks()).isEqualTo(1);
    assertThat(tree.special()).isEqualTo(1);
    assertThat(tree.bytes()).isPositive();
  }

  @Test
  void groupsAreAboutEven() {
    List<DemoTree.Item> files =
        IntStream.range(0, 2600)
            .mapToObj(i -> new DemoTree.Item((char) ('a' + i % 26) + "/" + i, 1))
            .toList();
    DemoGroups groups = new DemoGroups(files, 8);
    var counts =
        files.stream()
            .collect(Collectors.groupingBy(f -> groups.archive(f.path()), Collectors.counting()));
    assertThat(counts).hasSize(8);
    assertThat(counts.values()).allMatch(n -> n >= 200 && n <= 500);
    assertThat(counts).containsKey("a-c.zip");
  }

  @Test
  void theCheckFindsWhatIsMissingOrOther() throws IOException {
    DemoTree tree = DemoTree.scan(source, base);
    DemoGroups groups = new DemoGroups(tree.files(), 1);
    Path archive = base.resolve(groups.archive(tree.files().get(0).path()));
    Files.createDirectories(base);
    zip(archive, tree, 60);
    assertThat(check(tree, groups).differences()).isEmpty();
    assertThat(check(tree, groups).same()).isEqualTo(60);

    zip(archive, tree, 59);
    assertThat(check(tree, groups).differences())
        .hasSize(2)
        .anyMatch(d -> d.contains("is not in it"));

    zip(archive, tree, 60);
    Path changed = source.resolve(tree.files().get(7).path());
    Files.writeString(changed, Files.readString(changed).replace("contents", "Contents"));
    assertThat(check(tree, groups).differences())
        .singleElement()
        .asString()
        .contains(tree.files().get(7).path(), "other bytes");
  }

  private DemoCheck.Result check(DemoTree tree, DemoGroups groups) throws IOException {
    return DemoCheck.run(tree, groups, base, n -> {});
  }

  private static void zip(Path file, DemoTree tree, int count) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (DemoTree.Item item : tree.files().subList(0, count)) {
        out.putNextEntry(new ZipEntry(item.path()));
        Files.copy(tree.root().resolve(item.path()), out);
        out.closeEntry();
      }
    }
  }

  @Test
  @Timeout(180)
  void theWholeDemo() throws Exception {
    List<String> steps = new ArrayList<>();
    DemoResult result = Demo.run(source, base, new Steps(steps));
    assertThat(result.differences()).isEmpty();
    assertThat(result.isGood()).isTrue();
    assertThat(result.same()).isEqualTo(60);
    assertThat(result.archives()).hasSize(8);
    assertThat(steps).startsWith("found 60").hasSizeGreaterThan(3);
    assertThat(ProcessHandle.current().children()).noneMatch(ProcessHandle::isAlive);
  }

  private record Steps(List<String> steps) implements DemoProgress {
    @Override
    public void found(DemoTree tree) {
      steps.add("found " + tree.files().size());
    }

    @Override
    public void step(String what) {
      steps.add(what);
    }

    @Override
    public void at(long files, long bytes, long backlog) {}
  }
}
