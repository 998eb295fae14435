package io.sheaf.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FileMakerTest {
  private static final LoadPlan PLAN =
      new LoadPlan("node1", 3, 0, 10, 200, 0.01, 0.2, 0.3, 42, null);

  private static List<LoadFile> files(int count) {
    FileMaker maker = new FileMaker(PLAN);
    List<LoadFile> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(maker.next());
    }
    return files;
  }

  @Test
  void makesWhatThePlanSays() {
    List<LoadFile> files = files(1000);
    Set<String> targets = new HashSet<>(files.stream().map(LoadFile::target).toList());
    assertThat(targets)
        .hasSizeBetween(700, 900)
        .allMatch(t -> t.matches("load-[0-2].zip/node1/.*"));
    assertThat(files.stream().filter(LoadFile::streamed).count()).isBetween(200L, 400L);
    assertThat(files)
        .allMatch(f -> (f.size() >= 10 && f.size() <= 200) || f.size() >= 1 << 20)
        .anyMatch(f -> f.size() >= 1 << 20);
  }

  /** Names tell loaders and their restarts apart; the rest can be repeated. */
  @Test
  void theSameSeedMakesTheSameFilesUnderOtherNames() {
    List<LoadFile> one = files(50);
    List<LoadFile> other = files(50);
    assertThat(one.stream().map(LoadFile::contents).toList())
        .isEqualTo(other.stream().map(LoadFile::contents).toList());
    assertThat(one.stream().map(LoadFile::entry).toList())
        .doesNotContainAnyElementsOf(other.stream().map(LoadFile::entry).toList());
  }
}
