package io.sheaf.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaRulesTest {
  private static QuotaRules rules(String quotas) {
    return QuotaRules.of(
        Settings.builder()
            .option(Keys.MAX_BYTES, "1K")
            .option(Keys.MAX_ENTRIES, "7")
            .option(Keys.QUOTAS, quotas)
            .build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "logs/=10G:100000; logs/=10G:100000",
        "a=1024, uid:5=0:3; a=1K:0,uid:5=0:3",
        "x=y=1M:; bad",
      })
  void keepsOneTextOfEach(String text, String canonical) {
    assertThat(Keys.QUOTAS.canonical(text).orElse("bad")).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"logs/", "=1G", "a=1G:-1", "a=1G:1:1", "a=x", "a=1G,a=2G", "a=1G,"})
  void refusesWhatIsNoQuota(String text) {
    assertThatThrownBy(() -> rules(text))
        .isInstanceOf(ConfException.class)
        .hasMessageContaining("SUBJECT=BYTES:ENTRIES");
  }

  @Test
  void appliesTheLongestBeginningAndTheUsersOwn() {
    QuotaRules rules = rules("logs/=10:1,logs/a=20:2,uid:5=30:3,uid:6=0:0");
    assertThat(rules.ofArchive("logs/b.zip")).contains(new Quota("logs/", 10, 1));
    assertThat(rules.ofArchive("logs/a.zip")).contains(new Quota("logs/a", 20, 2));
    assertThat(rules.ofArchive("x.zip")).isEmpty();
    assertThat(rules.ofUser(5)).contains(new Quota("uid:5", 30, 3));
    assertThat(rules.ofUser(6)).as("without limit").isEmpty();
    assertThat(rules.ofUser(7)).contains(new Quota("uid:7", 1024, 7));
    assertThat(rules.named("uid:7")).contains(new Quota("uid:7", 1024, 7));
    assertThat(rules.isEmpty()).isFalse();
    assertThat(new QuotaRules(0, 0, List.of()).isEmpty()).isTrue();
  }
}
