package io.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.zkinit.EnsembleServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnsembleHostsTest {
  @Test
  void hostsHaveTheUsualPortsUnlessTheySayOthers() {
    assertThat(EnsembleHosts.parse("zk1, zk2:1,127.0.0.1:1:2:3"))
        .containsExactly(
            new EnsembleServer(1, "zk1", 2888, 3888, 2181),
            new EnsembleServer(2, "zk2", 2888, 3888, 1),
            new EnsembleServer(3, "127.0.0.1", 2, 3, 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a,",
        "a,a",
        "a:1:1",
        "a:0",
        "a:65536",
        "a:x",
        "a b",
        "a:1:2:3:4",
        "a:1,a:1:5:6"
      })
  void whatCanBeNoEnsembleIsRefused(String hosts) {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> EnsembleHosts.parse(hosts))
        .withMessageContaining("--ensemble");
  }
}
