package io.sheaf.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodecTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void readsWhatItWrites() {
    SessionRecord session =
        new SessionRecord(
            1, "s", "b", "/d", new TreeMap<>(Map.of("order", "time")), SessionState.DRAINING, 5);
    assertThat(Codec.SESSION.decode(Codec.SESSION.encode(session), "x")).isEqualTo(session);
    MemberRecord member = new MemberRecord(1, "h-1-abc", "h", 1, null, "0.1.0", 2);
    assertThat(Codec.MEMBER.decode(Codec.MEMBER.encode(member), "x")).isEqualTo(member);
    PendingBatch batch = ZooKeeperTestCase.batch("a/é.zip", "w-1-x", 3);
    assertThat(Codec.PENDING.decode(Codec.PENDING.encode(batch), "x")).isEqualTo(batch);
    StatsRecord stats = StatsRecord.of(1, Map.of("entries", 3_000_000_000L));
    assertThat(Codec.STATS.decode(Codec.STATS.encode(stats), "x")).isEqualTo(stats);
  }

  @Test
  void writesTheFormatThatIsDocumented() {
    assertThat(
            new String(
                Codec.FAILED.encode(new FailedBatch(1, "a", "b", "c", "d", "e", 2)),
                StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"version\":1,\"archive\":\"a\",\"name\":\"b\",\"reason\":\"c\",\"path\":\"d\","
                + "\"by\":\"e\",\"at\":2}");
  }

  @Test
  void ignoresFieldsThatItDoesNotKnow() {
    byte[] json =
        bytes(
            "{\"version\":1,\"updated\":2,\"values\":{\"a\":1},\"notes\":{},\"gaps\":[],\"locks\":\"unknown\","
                + "\"later\":[{\"x\":null}]}");
    assertThat(Codec.STATS.decode(json, "x")).isEqualTo(StatsRecord.of(2, Map.of("a", 1L)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"version\":2,\"updated\":2,\"values\":{}}|/p: a StatsRecord of version 2, and this Sheaf",
        "{\"version\":1,\"updated\":2}|/p: not a StatsRecord: no values",
        "{\"version\":1,\"updated\":\"x\",\"values\":{}}|/p: not a StatsRecord: ",
        "192.168.1.1|/p: not a StatsRecord: ",
        "{|/p: not a StatsRecord: ",
        "``|/p: not a StatsRecord: "
      })
  void saysWhatItCannotRead(String json, String message) {
    assertThatExceptionOfType(TreeDamagedException.class)
        .isThrownBy(() -> Codec.STATS.decode(bytes(json), "/p"))
        .withMessageStartingWith(message);
  }
}
