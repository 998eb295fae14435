package io.sheaf.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Paths, compared with those of the node's own file system, which have the same form. */
final class SheafPathTest extends NioTestCase {
  private static final List<String> SAMPLES =
      List.of(
          "",
          "/",
          ".",
          "..",
          "/..",
          "a",
          "/a",
          "a/b",
          "/a/b",
          "/a/b/c",
          "a/b/c",
          "b/c",
          "c",
          "../a",
          "a/..",
          "a/../b",
          "/a/../../b",
          "./a/./b",
          "//a//b/",
          "a/",
          "/a.zip/x y/ü");

  private static String text(@Nullable Object value) {
    return value == null ? "null" : value.toString();
  }

  @Test
  void haveTheFormOfThoseOfTheNode() {
    for (String sample : SAMPLES) {
      Path ours = path(sample);
      Path theirs = Path.of(sample);
      assertThat(ours.toString()).isEqualTo(theirs.toString());
      assertThat(ours.isAbsolute()).as(sample).isEqualTo(theirs.isAbsolute());
      assertThat(text(ours.getRoot())).as(sample).isEqualTo(text(theirs.getRoot()));
      assertThat(text(ours.getParent())).as(sample).isEqualTo(text(theirs.getParent()));
      assertThat(text(ours.getFileName())).as(sample).isEqualTo(text(theirs.getFileName()));
      assertThat(ours.getNameCount()).as(sample).isEqualTo(theirs.getNameCount());
      assertThat(text(ours.normalize())).as(sample).isEqualTo(text(theirs.normalize()));
      List<String> names = new ArrayList<>();
      theirs.forEach(name -> names.add(name.toString()));
      List<String> ourNames = new ArrayList<>();
      ours.forEach(name -> ourNames.add(name.toString()));
      assertThat(ourNames).as(sample).isEqualTo(names);
    }
  }

  @Test
  void relateAsThoseOfTheNode() {
    for (String one : SAMPLES) {
      for (String two : SAMPLES) {
        String both = "\"" + one + "\", \"" + two + "\"";
        Path ours = path(one);
        Path theirs = Path.of(one);
        assertThat(ours.resolve(two).toString()).as(both).isEqualTo(theirs.resolve(two).toString());
        assertThat(ours.resolveSibling(path(two)).toString())
            .as(both)
            .isEqualTo(theirs.resolveSibling(two).toString());
        assertThat(ours.startsWith(path(two))).as(both).isEqualTo(theirs.startsWith(two));
        assertThat(ours.endsWith(path(two))).as(both).isEqualTo(theirs.endsWith(two));
        assertThat(ours.equals(path(two))).as(both).isEqualTo(theirs.equals(Path.of(two)));
        assertThat(Integer.signum(ours.compareTo(path(two))))
            .as(both)
            .isEqualTo(Integer.signum(theirs.compareTo(Path.of(two))));
        assertThat(relative(ours, path(two))).as(both).isEqualTo(relative(theirs, Path.of(two)));
      }
    }
  }

  private static String relative(Path from, Path to) {
    try {
      return from.relativize(to).toString();
    } catch (IllegalArgumentException e) {
      return "none";
    }
  }

  @Test
  void comeBackFromTheirUri() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    String letters = "ab %?#&+=:;\"'<>[]{}|^`~ü€\u3042\ud83d\ude00\n\t\\";
    int[] points = letters.codePoints().toArray();
    for (int i = 0; i < 500; i++) {
      StringBuilder name = new StringBuilder("/a.zip/x");
      for (int n = random.nextInt(12); n > 0; n--) {
        name.appendCodePoint(points[random.nextInt(points.length)]);
      }
      Path path = path(name.toString());
      assertThat(Path.of(path.toUri())).isEqualTo(path);
      assertThat(path.toUri().toString()).isASCII();
    }
  }

  @Test
  void areFoundByTheirScheme() {
    Path path = Path.of(uri("ar.zip/dir/fi%20le%3F"));
    assertThat(path.toString()).isEqualTo("/ar.zip/dir/fi le?");
    assertThat(path.getFileSystem()).isSameAs(fs);
    Path plain = Path.of(URI.create("sheaf:///ar.zip/dir/file"));
    assertThat(plain.toUri()).hasToString("sheaf:///ar.zip/dir/file");
    assertThat(plain.getFileSystem()).isNotSameAs(fs);
  }

  @Test
  void refuseWhatIsNoName() {
    assertThatThrownBy(() -> path("a\0b")).isInstanceOf(InvalidPathException.class);
    assertThatThrownBy(() -> path("a\ud83d")).isInstanceOf(InvalidPathException.class);
    assertThatThrownBy(() -> path("a").resolve(Path.of("b")))
        .isInstanceOf(ProviderMismatchException.class);
    for (String wrong :
        List.of("sheaf://host/a.zip/b", "sheaf:a", "sheaf:///a.zip/b#c", "sheaf:///a?x=1")) {
      assertThatThrownBy(() -> Path.of(URI.create(wrong)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(wrong);
    }
  }

  @Test
  void matchPatterns() {
    assertThat(fs.getPathMatcher("glob:*.{txt,log}").matches(path("x.log"))).isTrue();
    assertThat(fs.getPathMatcher("glob:/a.zip/**").matches(path("/a.zip/b/c"))).isTrue();
    assertThat(fs.getPathMatcher("regex:.*[.]c").matches(path("x.d"))).isFalse();
    List<Path> sorted = new ArrayList<>(List.of(path("b"), path("a"), path("/")));
    Collections.sort(sorted);
    assertThat(sorted).extracting(Path::toString).containsExactly("/", "a", "b");
  }
}
