package io.sheaf.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
  @ParameterizedTest
  @CsvSource({"4096,4096", "64K,65536", "64k,65536", "1MiB,1048576", "50G,53687091200", "0,0"})
  void readsSizes(String text, long bytes) {
    assertThat(Units.parseSize(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "K", "-1", "1.5M", "12Q", "99999999999T", "1 0K"})
  void refusesOtherSizes(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Units.parseSize(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "-1s", "1.5h", "5 min", "s"})
  void refusesOtherDurations(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Units.parseDuration(text));
  }

  @Test
  void writesTheShortestDuration() {
    assertThat(Units.formatDuration(Duration.ofMinutes(5))).isEqualTo("5m");
    assertThat(Units.formatDuration(Duration.ofMillis(1500))).isEqualTo("1500ms");
  }

  @Property
  void readsWhatItWrites(
      @ForAll @LongRange(min = 0) long bytes, @ForAll @LongRange(min = 0, max = 1L << 38) long ms) {
    assertThat(Units.parseSize(Units.formatSize(bytes))).isEqualTo(bytes);
    Duration duration = Duration.ofMillis(ms);
    assertThat(Units.parseDuration(Units.formatDuration(duration))).isEqualTo(duration);
  }
}
