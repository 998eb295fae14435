package io.sheaf.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a batch may say of itself. */
final class ManifestCommentTest {
  private static Manifest manifest(String worker, long seq, long region) {
    String id = Manifest.idOf(worker, seq, "a.zip");
    return new Manifest(2, id, "s", worker, seq, "a.zip", 1, 1, region, 0, 0, 0, 0, null, null);
  }

  @Test
  void readsWhatItWrote() throws IOException {
    Manifest manifest = manifest("host-1-abcdef", 7, 40);
    assertThat(ManifestComment.decode(ManifestComment.encode(manifest))).isEqualTo(manifest);
  }

  /** Each of these would fail later, at the ledger or in ZooKeeper, and hold the archive up. */
  @ParameterizedTest
  @CsvSource({
    "a/b,1,40",
    "'',1,40",
    "w,0,40",
    "w,-5,40",
    "w,9223372036854775807,40",
    "w,1,-1",
    "..,1,40",
    ".,1,40",
    "-w,1,40",
    "a\u0001b,1,40",
    "a\\nb,1,40",
    "a b,1,40",
    "ä,1,40"
  })
  void refusesWhatWouldHoldUpAnArchive(String worker, long seq, long region) throws IOException {
    byte[] comment = ManifestComment.encode(manifest(worker, seq, region));
    assertThatThrownBy(() -> ManifestComment.decode(comment)).isInstanceOf(BadZipException.class);
  }

  /** A flipped bit must not make a batch another worker's, or another number's. */
  @Test
  void refusesOneThatSaysTwoThingsOfWhoseItIs() throws IOException {
    String json = new String(ManifestComment.encode(manifest("w", 7, 40)), StandardCharsets.UTF_8);
    for (String other : new String[] {"\"worker\":\"v\"", "\"seq\":3", "\"archive\":\"c.zip\""}) {
      String key = other.substring(0, other.indexOf(':') + 1);
      int at = json.indexOf(key);
      String changed = json.substring(0, at) + other + json.substring(json.indexOf(',', at));
      assertThatThrownBy(() -> ManifestComment.decode(changed.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(BadZipException.class)
          .hasMessageContaining("id");
    }
  }

  @Test
  void refusesOneThatNamesNobody() {
    byte[] comment = "{\"version\":1,\"seq\":1}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> ManifestComment.decode(comment)).isInstanceOf(BadZipException.class);
  }
}
