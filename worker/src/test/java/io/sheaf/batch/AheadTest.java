package io.sheaf.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AheadTest {
  private static List<Integer> items(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, Ahead.FEW - 1, Ahead.FEW, 100})
  void givesResultsInTheOrderOfTheItems(int count) throws IOException {
    List<String> results = new ArrayList<>();
    try (Ahead<Integer, String> ahead = new Ahead<>(items(count), item -> "r" + item)) {
      while (ahead.hasNext()) {
        results.add(ahead.next());
      }
    }
    assertThat(results).isEqualTo(items(count).stream().map(item -> "r" + item).toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 50})
  void troubleWithOneItemIsNotThatOfTheOthers(int count) throws IOException {
    try (Ahead<Integer, Integer> ahead = new Ahead<>(items(count), AheadTest::notTwo)) {
      assertThat(ahead.next()).isZero();
      assertThat(ahead.next()).isEqualTo(1);
      assertThatThrownBy(ahead::next).isInstanceOf(IOException.class).hasMessage("two");
      for (int i = 3; i < count; i++) {
        assertThat(ahead.next()).isEqualTo(i);
      }
      assertThat(ahead.hasNext()).isFalse();
    }
  }

  private static int notTwo(int item) throws IOException {
    if (item == 2) {
      throw new IOException("two");
    }
    return item;
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 50})
  void whatIsOpenAndNotAskedForIsClosed(int count) throws IOException {
    AtomicInteger open = new AtomicInteger();
    try (Ahead<Integer, AutoCloseable> ahead =
        new Ahead<>(
            items(count),
            item -> {
              open.incrementAndGet();
              return open::decrementAndGet;
            })) {
      AutoCloseable first = ahead.next();
      assertThat(first).isNotNull();
    }
    assertThat(open.get()).isEqualTo(1); // The one that was asked for.
  }
}
