package io.sheaf.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstantsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-03-01T12:00:00Z",
        "2026-03-01T13:00:00+01:00",
        "2026-03-01 13:00:00+0100",
        "2026-03-01T07:00-05:00",
        "1772366400"
      })
  void readsTheSameMoment(String text) {
    assertThat(Instants.parse(text)).isEqualTo(Instant.parse("2026-03-01T12:00:00Z"));
  }

  @Test
  void withoutAZoneItIsLocalTime() {
    Instant local = LocalDateTime.of(2026, 3, 1, 12, 0).atZone(ZoneId.systemDefault()).toInstant();
    assertThat(Instants.parse("2026-03-01T12:00")).isEqualTo(local);
    assertThat(Instants.parse("2026-03-01T12:00:00")).isEqualTo(local);
  }

  @Test
  void aDurationCountsFromNow() {
    Instant before = Instant.now();
    Instant parsed = Instants.parse("+2h");
    assertThat(parsed).isBetween(before.plusSeconds(7200), Instant.now().plusSeconds(7200));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "12:00", "+", "+2", "2h", "12345", "2026-13-01T00:00", "N/A", "NONE"})
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> Instants.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
