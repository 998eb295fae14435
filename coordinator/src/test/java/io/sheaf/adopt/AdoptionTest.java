package io.sheaf.adopt;

import static io.sheaf.adopt.Adopting.FIRST;
import static io.sheaf.adopt.Adopting.FLUSH;
import static io.sheaf.adopt.Adopting.SECOND;
import static io.sheaf.adopt.Adopting.SECOND_LATER;
import static io.sheaf.adopt.Adopting.USUAL;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.Quarantine;
import io.sheaf.conf.Duplicates;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Zips that rear's workers leave, closed and torn, whole and damaged. */
class AdoptionTest {
  @TempDir private Path root;
  private Adopting at;

  @BeforeEach
  void begin() throws IOException {
    at = new Adopting(root);
  }

  private static RearZip zip() {
    return new RearZip().add("a.zip/one", "1").add("b/c.zip/d/two", "2").deflated("a.zip/e", "eee");
  }

  @Test
  void membersGoToTheArchivesThatTheirNamesBeginWith() throws Exception {
    at.put(FIRST, zip().closed());
    at.adopt();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("one", "1", "e", "eee"));
    assertThat(at.entries("b/c.zip")).isEqualTo(Map.of("d/two", "2"));
    assertThat(at.inbox()).isEmpty();
    assertThat(at.quarantined()).isEmpty();
    at.assertSound();
  }

  @Test
  void aYoungZipIsLeftToItsWriter() throws Exception {
    at.put(FIRST, zip().closed());
    at.now = SECOND + 449;
    assertThat(at.take(USUAL).young()).isEqualTo(1);
    assertThat(at.inbox()).containsExactly(FIRST);
    at.now = SECOND + 450;
    assertThat(at.take(USUAL).taken()).isEqualTo(1);
    assertThat(at.inbox()).isEmpty();
  }

  @Test
  void flushTakesAll() throws Exception {
    at.put(FIRST, zip().closed());
    at.now = SECOND;
    assertThat(at.take(FLUSH).taken()).isEqualTo(1);
  }

  @Test
  void theFirstOneWinsInTheOrderOfTheirTimes() throws Exception {
    at.put(SECOND_LATER, new RearZip().add("a.zip/x", "later").closed());
    at.put(FIRST, new RearZip().add("a.zip/x", "first").closed());
    at.adopt();
    at.put("node1-231114_221319.zip", new RearZip().add("a.zip/x", "too late").closed());
    at.adopt();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("x", "first"));
    at.assertSound();
  }

  @Test
  void aSessionsPolicyKeepsBoth() throws Exception {
    at.policy = at.policy.adopting(Duplicates.ALL);
    at.put(FIRST, new RearZip().add("a.zip/x", "first").closed());
    at.put(SECOND_LATER, new RearZip().add("a.zip/x", "later").closed());
    at.adopt();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("x", "first", "x~2", "later"));
  }

  @Test
  void aZipThatComesAgainIsMergedOnce() throws Exception {
    at.policy = at.policy.adopting(Duplicates.ERROR);
    at.put(FIRST, zip().closed());
    at.adopt();
    at.put(FIRST, zip().closed());
    at.put("other-231114_221500.zip", zip().closed());
    AdoptionReport report = at.take(FLUSH);
    assertThat(report.again()).isEqualTo(2);
    at.adopt();
    assertThat(at.quarantined()).isEmpty();
    assertThat(at.entries("a.zip")).hasSize(2);
    at.assertSound();
  }

  @Test
  void aCopyOfOneThatWaitsIsRemoved() throws Exception {
    at.policy = at.policy.adopting(Duplicates.ERROR);
    at.put(FIRST, zip().closed());
    assertThat(at.take(FLUSH).taken()).isEqualTo(1);
    at.put(SECOND_LATER, zip().closed());
    assertThat(at.take(FLUSH).again()).isEqualTo(1);
    at.adopt();
    assertThat(at.entries("a.zip")).hasSize(2);
    assertThat(at.quarantined()).isEmpty();
  }

  @Test
  void aLedgerForgetsWhatIsMergedAndGone() throws Exception {
    at.policy = at.policy.adopting(Duplicates.ERROR);
    for (int n = 10; n < 50; n++) {
      at.put("n-231114_2213" + n + ".zip", new RearZip().add("a.zip/" + n, "x" + n).closed());
      at.adopt();
    }
    String ledger = Files.readString(at.base.folded());
    assertThat(ledger.split("adopted-0-", -1)).hasSizeLessThan(22);
    for (int n = 10; n < 50; n++) {
      at.put("again-231114_2213" + n + ".zip", new RearZip().add("a.zip/" + n, "x" + n).closed());
    }
    at.adopt();
    assertThat(at.entries("a.zip")).hasSize(40);
    assertThat(at.quarantined()).isEmpty();
    at.assertSound();
  }

  @Test
  void ofATornZipEveryWholeEntryIsKept() throws Exception {
    byte[] torn = zip().torn(500);
    at.put(FIRST, torn);
    AdoptionReport report = at.take(FLUSH);
    assertThat(report.repaired()).isEqualTo(1);
    at.adopt();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("one", "1", "e", "eee"));
    assertThat(at.entries("b/c.zip")).isEqualTo(Map.of("d/two", "2"));
    Quarantine.Item tail = at.quarantined().get(0);
    assertThat(tail.reason()).contains("whose writer died");
    assertThat(Files.size(tail.path())).isEqualTo(500);
    assertThat(at.inbox()).isEmpty();
  }

  @Test
  void aZipWithoutItsDirectoryIsWholeOtherwise() throws Exception {
    at.put(FIRST, zip().unclosed());
    at.put(SECOND_LATER, new byte[0]);
    byte[] closed = new RearZip().add("a.zip/f", "f").closed();
    at.put("n-231114_221322.zip", Arrays.copyOf(closed, closed.length - 30));
    at.adopt();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("one", "1", "e", "eee", "f", "f"));
    assertThat(at.quarantined()).isEmpty();
    assertThat(at.inbox()).isEmpty();
    at.assertSound();
  }

  @Test
  void aTornZipThatIsStillWrittenToIsLeft() throws Exception {
    Path zip = at.put(FIRST, zip().torn(40));
    Files.setLastModifiedTime(zip, FileTime.fromMillis((at.now - 60) * 1000));
    assertThat(at.take(USUAL).young()).isEqualTo(1);
    Process writer = new ProcessBuilder("sh", "-c", "exec 3>>" + zip + "; echo; exec cat").start();
    try (InputStream said = writer.getInputStream()) {
      assertThat(said.read()).isEqualTo('\n');
      Adoption adoption = new Adoption(at.disk, at.base, new RearLock(), Clock.systemUTC());
      assertThat(adoption.take(FLUSH).waiting()).singleElement().asString().contains("has it open");
    } finally {
      writer.destroyForcibly().waitFor();
    }
    assertThat(at.take(FLUSH).repaired()).isEqualTo(1);
  }

  @Test
  void namesBecomeUtf8() throws Exception {
    byte[] cp437 = "a.zip/caf\u00e9".getBytes("IBM437");
    byte[] unsaid = "a.zip/\u00e9t\u00e9".getBytes(UTF_8);
    byte[] latin = "a.zip/bad\u00e9".getBytes(ISO_8859_1);
    at.put(
        FIRST,
        new RearZip()
            .add("a.zip/na\u00efve", "bit 11")
            .named(cp437, false, "code page")
            .named(unsaid, false, "utf-8")
            .named(latin, true, "neither")
            .closed());
    at.adopt();
    assertThat(at.entries("a.zip"))
        .isEqualTo(
            Map.of("na\u00efve", "bit 11", "caf\u00e9", "code page", "\u00e9t\u00e9", "utf-8"));
    assertThat(at.quarantined()).hasSize(1);
    assertThat(at.quarantined().get(0).reason()).contains("not UTF-8");
    at.assertSound();
  }

  @Test
  void sizesThatFollowTheContentsGoToTheHeaders() throws Exception {
    RearZip zip =
        new RearZip()
            .streamed("a.zip/x", "xxx", true)
            .streamed("a.zip/y", "yyy", false)
            .add("a.zip/z", "z");
    at.put(FIRST, zip.closed());
    at.adopt();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("x", "xxx", "y", "yyy", "z", "z"));
    at.assertSound();
  }

  @Test
  void ofATornStreamWhatTellsItsEndIsKept() throws Exception {
    RearZip zip = new RearZip().streamed("a.zip/x", "xxx", true).streamed("a.zip/y", "yyy", false);
    at.put(FIRST, zip.unclosed());
    at.adopt();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("x", "xxx"));
    assertThat(at.quarantined()).hasSize(1);
  }

  @Test
  void whatSaysNoArchiveGoesToQuarantine() throws Exception {
    at.put(
        FIRST,
        new RearZip()
            .add("readme.txt", "no archive")
            .add(".sheaf/x.zip/y", "not there")
            .add("a.zip/../z", "not there either")
            .add("a.zip/", new byte[0])
            .add("a.zip/one", "1")
            .closed());
    at.adopt();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("one", "1"));
    assertThat(at.quarantined()).hasSize(3);
    assertThat(at.quarantined()).allMatch(item -> item.reason().contains("entry "));
    at.assertSound();
  }

  @Test
  void anEntryThatIsDamagedGoesToQuarantineAndABetterCopyIsKept() throws Exception {
    byte[] good = new RearZip().add("a.zip/x", "contents").add("a.zip/y", "other").closed();
    byte[] bad = good.clone();
    bad[30 + "a.zip/x".length()] ^= 1;
    at.put(FIRST, bad);
    at.adopt();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("y", "other"));
    assertThat(at.quarantined()).hasSize(1);
    at.put(FIRST, good);
    assertThat(at.take(FLUSH).aside()).isEqualTo(1);
    at.put(SECOND_LATER, good);
    at.put(FIRST, good);
    at.take(FLUSH);
    assertThat(at.inbox()).isEmpty();
    assertThat(at.quarantined().stream().map(Quarantine.Item::reason))
        .anyMatch(reason -> reason.contains("merged before"));
    at.assertSound();
  }

  @Test
  void bytesThatTheDirectoryDoesNotListAreKept() throws Exception {
    byte[] hole = "PK\003\004 of another writer".getBytes(ISO_8859_1);
    at.put(FIRST, zip().hole(hole).add("a.zip/z", "z").closed());
    at.adopt();
    assertThat(at.entries("a.zip")).hasSize(3);
    assertThat(at.quarantined()).hasSize(1);
    assertThat(new String(Files.readAllBytes(at.quarantined().get(0).path()), ISO_8859_1))
        .contains("of another writer");
  }

  @Test
  void nothingIsTakenBesideARearScavenger() throws Exception {
    at.put(FIRST, zip().closed());
    Adoption adoption =
        new Adoption(at.disk, at.base, inbox -> Optional.empty(), Clock.systemUTC());
    assertThat(adoption.take(FLUSH).waiting()).singleElement().asString().contains("scavenger");
    assertThat(at.inbox()).containsExactly(FIRST);
  }

  @Test
  void rearsLockIsTakenAsRearTakesIt() throws Exception {
    Path inbox = Files.createDirectories(root.resolve("inbox"));
    try (PeerLock.Held held = new RearLock().tryLock(inbox).orElseThrow()) {
      held.ensureValid();
      assertThat(new RearLock().tryLock(inbox)).isEmpty();
    }
    new RearLock().tryLock(inbox).orElseThrow().close();
  }

  @Test
  void anArchiveThatRearMadeGoesOn() throws Exception {
    Files.write(root.resolve("a.zip"), new RearZip().add("old", "o").add("one", "0").closed());
    at.put(FIRST, zip().closed());
    at.adopt();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("old", "o", "one", "0", "e", "eee"));
    at.assertSound();
  }

  @Test
  void anArchiveThatIsFullRolls() throws Exception {
    at.policy = at.policy.rolling(1, 0);
    at.put(FIRST, new RearZip().add("a.zip/x", "1").closed());
    at.adopt();
    at.put(SECOND_LATER, new RearZip().add("a.zip/x", "2").closed());
    at.put("copy-231114_221320.zip", new RearZip().add("a.zip/x", "1").closed());
    at.adopt();
    assertThat(at.entries("a-0.zip")).isEqualTo(Map.of("x", "1"));
    assertThat(at.entries("a-1.zip")).isEqualTo(Map.of("x", "2"));
    at.assertSound();
  }
}
