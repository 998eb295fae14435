package io.sheaf.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.conf.ConfException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "out/** out/a true",
        "out/** out/d/e/a true",
        "out/** out false",
        "out/** other/a false",
        "*.csv a.csv true",
        "*.csv d/a.csv false",
        "**/*.csv a.csv true",
        "**/*.csv d/e/a.csv true",
        "**/*.csv d/a.txt false",
        "a/**/z a/z true",
        "a/**/z a/b/c/z true",
        "a/**/z a/b/c false",
        "run[0-9]/{x,y}?.dat run3/y1.dat true",
        "run[0-9]/{x,y}?.dat run3/z1.dat false",
        "./result result true",
        "** .hidden true",
        "*/** top false",
      })
  void matches(String glob, String path, boolean expected) {
    assertThat(Glob.parse(glob).matches(Path.of(path))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "*.csv d false",
        "d/*/x d true",
        "d/*/x d/e true",
        "d/*/x d/e/f false",
        "**/x d/e/f true",
        "out/** out/d/e true",
        "out/** other false",
      })
  void looksOnlyIntoDirectoriesInWhichSomethingMayBe(String glob, String path, boolean expected) {
    assertThat(Glob.parse(glob).mayMatchBelow(Path.of(path))).isEqualTo(expected);
  }

  @Test
  void beginsWhereTheFirstPatternIs() {
    assertThat(Glob.parse("a/b/*.x").start()).isEqualTo(Path.of("a/b"));
    assertThat(Glob.parse("a/b").start()).isEqualTo(Path.of("a"));
    assertThat(Glob.parse("*.x").start()).isEqualTo(Path.of(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/abs/*", "../up", "a/../b", "out/", "[a", "{a,b/c}"})
  void refusesWhatIsNoPattern(String glob) {
    assertThatThrownBy(() -> Glob.parse(glob))
        .isInstanceOf(ConfException.class)
        .hasMessageContaining("pattern");
  }
}
