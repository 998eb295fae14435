package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.session.WorkerEntries;
import io.sheaf.worker.EntryView;
import io.sheaf.worker.EntryView.Found;
import io.sheaf.worker.EntryView.Listed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a worker shows of an entry that is in several places. */
class NewestEntryTest {
  private static final String W = "node7-4711-a1b2c3";

  @TempDir private Path root;

  @ParameterizedTest
  @EnumSource(
      value = CommitStrategy.class,
      names = {"REPLACE", "IN_PLACE"})
  void isThatOfTheLastBatchThenTheMergedOne(CommitStrategy strategy) throws IOException {
    Merging at = new Merging(root);
    at.commit = strategy;
    at.duplicates = Duplicates.LAST;
    EntryView view = WorkerEntries.of(at.healthy, at.base);
    assertThat(read(view, "a")).isNull();
    at.batch(W, 1, "a", "one", "d/b", "two");
    assertThat(read(view, "a")).isEqualTo("pending one");
    at.merge();
    assertThat(read(view, "a")).isEqualTo("merged one");
    at.batch(W, 2, "a", "three", "c", "four");
    at.batch(W, 3, "a", "five");
    assertThat(read(view, "a")).isEqualTo("pending five");
    assertThat(read(view, "d/b")).isEqualTo("merged two");
    assertThat(read(view, "none")).isNull();
    assertThat(view.list(ARCHIVE, ""))
        .extracting(Listed::name, Listed::state)
        .startsWith(tuple("a", "pending"))
        .contains(tuple("d/b", "merged"));
    assertThat(view.list(ARCHIVE, "d/")).extracting(Listed::name).containsExactly("d/b");
    at.merge();
    for (int again = 0; again < 2; again++) { // The second time by what was kept of the first.
      assertThat(read(view, "a")).isEqualTo("merged five");
      assertThat(read(view, "none")).isNull();
    }
    at.batch(W, 4, "e", "six");
    at.merge();
    assertThat(read(view, "e")).isEqualTo("merged six");
    assertThat(read(view, "c")).isEqualTo("merged four");
  }

  private static @Nullable String read(EntryView view, String name) throws IOException {
    Optional<Found> found = view.find(ARCHIVE, name);
    if (found.isEmpty()) {
      return null;
    }
    try (Found open = found.get()) {
      return open.entry().state()
          + " "
          + new String(open.contents().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
