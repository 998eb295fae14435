package io.sheaf.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplatesTest {
  private static final Map<String, String> VALUES =
      Map.of("node", "n7", "session", "job$1\\", "odd", "%(node)s");

  @ParameterizedTest
  @CsvSource({
    "/run/plain.sock, /run/plain.sock",
    "/run/%(node)s/%(session)s.sock, /run/n7/job$1\\.sock",
    "100%%, 100%",
    "%%(node)s, %(node)s",
    "%(odd)s, %(node)s"
  })
  void replacesNames(String text, String expanded) {
    assertThat(Templates.expand(text, VALUES)).isEqualTo(expanded);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%(pid)s", "%()s", "50%", "%d", "%(node)", "%(node"})
  void refusesOtherPercentSigns(String text) {
    assertThatThrownBy(() -> Templates.expand(text, VALUES))
        .isInstanceOf(ConfException.class)
        .hasMessageContaining("%(node)s, %(odd)s, %(session)s, or %%")
        .hasMessageNotContaining("\n");
  }

  @Test
  void takesTheNodesNameFromSlurm() {
    assertThat(NodeNames.of(Map.of("SLURMD_NODENAME", "n4"))).containsEntry("node", "n4");
    assertThat(NodeNames.of(Map.of("SLURMD_NODENAME", "../n4")).get("node")).doesNotContain("/");
    Map<String, String> plain = NodeNames.of(Map.of());
    assertThat(plain).containsOnlyKeys("host", "node", "uid").doesNotContainValue("");
    assertThat(plain.get("node")).isEqualTo(plain.get("host"));
  }
}
