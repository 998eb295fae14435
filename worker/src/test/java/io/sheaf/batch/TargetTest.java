package io.sheaf.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that stand for bytes which are no text. */
final class TargetTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.zip/caf\uFFFD",
        "a.zip/\uFFFD/x",
        "caf\uFFFD.zip/x",
        "a.zip/half \uD83D",
        "a.zip/half \uD83Dx",
        "a.zip/\uDCE9",
        "a.zip/\uDE00\uD83D"
      })
  void refusesWhatIsNotUtf8(String name) {
    assertThatThrownBy(() -> Target.parse(name))
        .isInstanceOf(BadTargetException.class)
        .hasMessageEndingWith("name is not UTF-8");
  }

  @Test
  void takesAllThatIs() throws BadTargetException {
    String name = "sp\u00e4\u00dfe/\u65e5\u672c\u8a9e/\uD83D\uDE00\uD83D\uDE00 \uFFFC";
    assertThat(Target.parse("a.zip/" + name).entry()).isEqualTo(name);
  }
}
