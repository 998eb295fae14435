package io.sheaf.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.conf.ConfException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetTemplateTest {
  @Test
  void slurmsValues() {
    Map<String, String> slurm =
        Map.of("SLURM_JOB_ID", "4711", "SLURM_PROCID", "3", "SLURMD_NODENAME", "n17");
    assertThat(TargetTemplate.expand("a.zip/%j/%t@%h-%%.log", slurm))
        .isEqualTo("a.zip/4711/3@n17-%.log");
  }

  @Test
  void outsideOfAJob() {
    String pid = Long.toString(ProcessHandle.current().pid());
    assertThat(TargetTemplate.expand("a.zip/%j/%t/%p", Map.of())).isEqualTo("a.zip/nojob/0/" + pid);
    assertThat(TargetTemplate.expand("a.zip/%h", Map.of())).doesNotContain("%");
  }

  @Test
  void anythingElseIsRefused() {
    for (String wrong : new String[] {"a.zip/%x", "a.zip/%", "%N.zip/x"}) {
      assertThatThrownBy(() -> TargetTemplate.expand(wrong, Map.of()))
          .isInstanceOf(ConfException.class)
          .hasMessageContaining("%");
    }
  }
}
