package io.sheaf.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SessionTotalsTest {
  @Test
  void aLedgerRemembersTheLastSessionsOfAName() {
    Map<String, SessionTotals> sessions = new TreeMap<>();
    sessions.put("job", SessionTotals.NONE);
    sessions.put(SessionTotals.key("other", 1), SessionTotals.NONE);
    for (long created = 101; created <= 120; created++) {
      String key = SessionTotals.key("job", created);
      sessions.put(key, SessionTotals.NONE);
      SessionTotals.forgetEarlier(sessions, key);
    }
    assertThat(sessions).hasSize(10);
    assertThat(sessions)
        .containsKeys("job", "other@1", "job@113", "job@120")
        .doesNotContainKey("job@112");
  }

  @Test
  void aKeyWithoutATimeForgetsNothing() {
    Map<String, SessionTotals> sessions = new TreeMap<>(Map.of("s", SessionTotals.NONE));
    SessionTotals.forgetEarlier(sessions, "s");
    assertThat(sessions).containsOnlyKeys("s");
  }
}
