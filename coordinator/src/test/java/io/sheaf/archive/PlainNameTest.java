package io.sheaf.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sheaf.batch.Target;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainNameTest {
  private static boolean is(String name) {
    byte[] bytes = ("//" + name + "/..").getBytes(StandardCharsets.UTF_8);
    return PlainName.is(bytes, 2, bytes.length - 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "job1/task2/out.log", "...", ".profile", "a b/c~2.ext", "a..b"})
  void mostNamesArePlain(String name) {
    assertThat(is(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "c:x", "a\\b", "ü", "a\u0000b"})
  void whatNeedsALongerLookIsNot(String name) {
    assertThat(is(name)).isFalse();
  }

  /** Whatever is plain, no archive refuses. */
  @Test
  void aPlainNameIsNeverRefused() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String letters = "ab./\\: \u0000\u007fé";
    int plain = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder name = new StringBuilder();
      for (int n = random.nextInt(8); n >= 0; n--) {
        name.append(letters.charAt(random.nextInt(letters.length())));
      }
      if (is(name.toString())) {
        plain++;
        assertThatCode(() -> Target.checkEntry(name.toString()))
            .as("seed %d: %s", seed, name)
            .doesNotThrowAnyException();
      }
    }
    assertThat(plain).as("seed %d", seed).isGreaterThan(1_000);
  }
}
