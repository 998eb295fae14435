package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStream;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tar streams, member by member. */
@Timeout(120)
final class TarDepositTest {
  private static final long MODIFIED = 1_700_000_000_000L;

  @TempDir Path directory;
  private @Nullable LanesFixture fixture;

  private LanesFixture fixture(LaneOptions options) throws IOException {
    LanesFixture opened = new LanesFixture(directory.resolve("base"), options);
    fixture = opened;
    return opened;
  }

  @AfterEach
  void close() {
    if (fixture != null) {
      fixture.close();
    }
  }

  /** Builds a stream. */
  private static final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream out =
        new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name());

    Tar() {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      out.setAddPaxHeadersForNonAsciiNames(true);
    }

    Tar file(String name, int mode, byte[] contents) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name, true);
      entry.setMode(mode);
      entry.setSize(contents.length);
      entry.setIds(1_000, 100);
      return add(entry, contents);
    }

    Tar directory(String name, int mode) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name);
      entry.setMode(mode);
      entry.setIds(1_000, 100);
      return add(entry, new byte[0]);
    }

    Tar kind(String name, byte kind, String link) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name, kind);
      entry.setLinkName(link);
      return add(entry, new byte[0]);
    }

    private Tar add(TarArchiveEntry entry, byte[] contents) throws IOException {
      entry.setModTime(MODIFIED);
      out.putArchiveEntry(entry);
      out.write(contents);
      out.closeArchiveEntry();
      return this;
    }

    byte[] bytes() throws IOException {
      out.close();
      return bytes.toByteArray();
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static TarResult run(LanesFixture at, String prefix, byte[] tar) {
    return run(at, prefix, null, tar);
  }

  private static TarResult run(LanesFixture at, String prefix, @Nullable DepositId id, byte[] tar) {
    TarDeposit.Into into = new TarDeposit.Into("a.zip", prefix, Owners.self(), null, id);
    return new TarDeposit(at.lanes, into).run(new ByteArrayInputStream(tar));
  }

  @Test
  void takesFilesAndDirectoriesWithModesTimesAndOwners() throws IOException {
    LanesFixture at = fixture(LanesFixture.OPTIONS);
    byte[] large = new byte[3 << 20];
    new Random(1).nextBytes(large);
    String deep = "d/" + "long/".repeat(60) + "name \u00e4\u65e5";
    byte[] tar =
        new Tar()
            .directory("./", 0755)
            .directory("./d/", 0750)
            .file("./d/run", 04755, text("#!/bin/sh"))
            .file("large", 0600, large)
            .file(deep, 0644, text("deep"))
            .directory("empty/", 0700)
            .file("none", 0644, new byte[0])
            .bytes();
    TarResult result = run(at, "job7/", tar);
    assertThat(result).isEqualTo(new TarResult(6, List.of(), 0, null));
    Map<String, List<byte[]>> contents = at.contents();
    assertThat(contents)
        .containsOnlyKeys(
            "a.zip/job7/d/",
            "a.zip/job7/d/run",
            "a.zip/job7/large",
            "a.zip/job7/" + deep,
            "a.zip/job7/empty/",
            "a.zip/job7/none");
    assertThat(at.content("a.zip/job7/large")).isEqualTo(large);
    assertThat(at.content("a.zip/job7/d/run")).isEqualTo(text("#!/bin/sh"));
    assertThat(at.attributes("a.zip", "job7/d/run")).isEqualTo(new Attributes(0104755, 1_000, 100));
    assertThat(at.attributes("a.zip", "job7/d/")).isEqualTo(new Attributes(0040750, 1_000, 100));
    assertThat(at.modified("a.zip", "job7/large")).isEqualTo(MODIFIED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "gzip in two", "zstd"})
  void unpacksWhatIsCompressed(String how) throws IOException {
    LanesFixture at = fixture(LanesFixture.OPTIONS);
    byte[] tar = new Tar().file("f", 0644, new byte[200_000]).file("g", 0644, text("g")).bytes();
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    int half = how.endsWith("two") ? 100_000 : tar.length;
    for (int from = 0; from < tar.length; from += half) {
      int length = Math.min(half, tar.length - from);
      try (OutputStream out =
          how.startsWith("zstd") ? new ZstdOutputStream(packed) : new GZIPOutputStream(packed)) {
        out.write(tar, from, length);
      }
    }
    assertThat(run(at, "", packed.toByteArray()).entries()).isEqualTo(2);
    assertThat(at.contents()).containsOnlyKeys("a.zip/f", "a.zip/g");
  }

  @Test
  void refusesWhatMayNotBeAndTakesTheRest() throws IOException {
    LanesFixture at = fixture(LanesFixture.OPTIONS);
    byte[] tar =
        new Tar()
            .file("good", 0644, text("1"))
            .file("../out", 0644, text("2"))
            .file("a/../../out", 0644, text("3"))
            .kind("fifo", TarConstants.LF_FIFO, "")
            .kind("device", TarConstants.LF_CHR, "")
            .kind("link", TarConstants.LF_SYMLINK, "good")
            .kind("hard", TarConstants.LF_LINK, "never seen")
            .file("back\\slash", 0644, text("4"))
            .file("good too", 0644, text("5"))
            .bytes();
    TarResult result = run(at, "", tar);
    assertThat(result.entries()).isEqualTo(2);
    assertThat(result.refusals()).isEqualTo(7);
    assertThat(result.failure()).isNull();
    assertThat(String.join("\n", result.refused()))
        .contains("../out: ", "fifo: it is a FIFO", "device: it is a device", "hard: it is a hard")
        .contains("link: this session takes no symbolic links", "backslash");
    assertThat(at.contents()).containsOnlyKeys("a.zip/good", "a.zip/good too");
  }

  /** In one header, in two, and as what a link points to. */
  @Test
  void refusesNamesThatAreNotUtf8AndTakesTheRest() throws IOException {
    LanesFixture at = fixture(LanesFixture.linking());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "ISO-8859-1")) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      for (String name : List.of("caf\u00e9", "d/".repeat(80) + "caf\u00e8", "good")) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(1);
        out.putArchiveEntry(entry);
        out.write('1');
        out.closeArchiveEntry();
      }
      for (byte kind : new byte[] {TarConstants.LF_SYMLINK, TarConstants.LF_LINK}) {
        TarArchiveEntry link = new TarArchiveEntry("link" + kind, kind);
        link.setLinkName("caf\u00e9");
        out.putArchiveEntry(link);
        out.closeArchiveEntry();
      }
    }
    TarResult result = run(at, "", bytes.toByteArray());
    assertThat(result.entries()).isEqualTo(1);
    assertThat(result.failure()).isNull();
    assertThat(result.refused()).hasSize(4);
    assertThat(result.refused().subList(0, 3)).allMatch(line -> line.endsWith("is not UTF-8"));
    assertThat(at.contents()).containsOnlyKeys("a.zip/good");
  }

  @Test
  void copiesWhatAHardLinkMeansAndKeepsLinks() throws IOException {
    LanesFixture at = fixture(LanesFixture.linking());
    byte[] large = new byte[2 << 20];
    Arrays.fill(large, (byte) 7);
    byte[] tar =
        new Tar()
            .file("./one", 0640, text("the one"))
            .file("large", 0644, large)
            .kind("two", TarConstants.LF_LINK, "./one")
            .kind("large too", TarConstants.LF_LINK, "large")
            .kind("soft", TarConstants.LF_SYMLINK, "../one")
            .bytes();
    assertThat(run(at, "", tar)).isEqualTo(new TarResult(5, List.of(), 0, null));
    assertThat(at.content("a.zip/two")).isEqualTo(text("the one"));
    assertThat(at.content("a.zip/large too")).isEqualTo(large);
    assertThat(at.content("a.zip/soft")).isEqualTo(text("../one"));
    assertThat(at.attributes("a.zip", "soft").isSymlink()).isTrue();
    assertThat(at.lanes.linkMemory().availablePermits())
        .as("what was kept for links is free again")
        .isEqualTo((int) (LanesFixture.OPTIONS.memoryLimit() / 4));
  }

  /** However it breaks off, what was complete is kept, and no more. */
  @Test
  void keepsWhatWasCompleteWhereTheStreamBreaksOff() throws IOException {
    LanesFixture at = fixture(LanesFixture.OPTIONS);
    byte[] tar = new Tar().file("f", 0644, text("one")).file("g", 0644, new byte[600]).bytes();
    TarResult cut = run(at, "", Arrays.copyOf(tar, 512 + 512 + 512 + 300));
    assertThat(cut.entries()).isEqualTo(1);
    assertThat(cut.failure()).isNotNull();
    assertThat(at.contents()).containsOnlyKeys("a.zip/f");
    TarResult noTar = run(at, "", text("this is not a tar stream ".repeat(100)));
    assertThat(noTar.entries()).isZero();
    assertThat(noTar.failure()).isNotNull().hasMessageContaining("tar stream");
    assertThat(at.contents()).containsOnlyKeys("a.zip/f");
  }

  @Test
  void aLargeMemberThatBreaksOffLeavesNothing() throws IOException {
    LanesFixture at = fixture(LanesFixture.OPTIONS);
    byte[] tar = new Tar().file("f", 0644, text("1")).file("l", 0644, new byte[3 << 20]).bytes();
    assertThat(run(at, "", Arrays.copyOf(tar, 2 << 20)).failure()).isNotNull();
    assertThat(at.contents()).containsOnlyKeys("a.zip/f");
    assertThat(at.lanes.linkMemory().availablePermits())
        .isEqualTo((int) (LanesFixture.OPTIONS.memoryLimit() / 4));
  }

  /** With unique names the second time would be refused, if it were not the same stream. */
  @Test
  void isTheSameStreamWhenItHasTheSameId() throws IOException {
    LanesFixture at = fixture(LanesFixture.options(64, 0, true));
    byte[] tar = new Tar().file("f", 0644, text("1")).directory("d/", 0755).bytes();
    DepositId id = DepositId.of("stream-1");
    assertThat(run(at, "", id, tar).entries()).isEqualTo(2);
    assertThat(run(at, "", id, tar)).isEqualTo(new TarResult(2, List.of(), 0, null));
    TarResult other = run(at, "", DepositId.of("stream-2"), tar);
    assertThat(other.entries()).isEqualTo(1);
    assertThat(other.refused()).singleElement().asString().startsWith("f: ");
  }

  @Test
  void endsWhereTheWorkerTakesNothingAnyMore() throws IOException {
    LanesFixture at = fixture(LanesFixture.OPTIONS);
    at.lanes.refuse("the session is being drained");
    TarResult result = run(at, "", new Tar().file("f", 0644, text("1")).bytes());
    assertThat(result.failure())
        .isInstanceOfSatisfying(
            DepositException.class,
            e -> assertThat(e.kind()).isEqualTo(DepositException.Kind.UNAVAILABLE));
  }

  @Test
  void takesManyWithLittleMemory() throws IOException {
    LanesFixture at =
        fixture(
            new LaneOptions(
                LanesFixture.OPTIONS.compression(),
                LanesFixture.OPTIONS.rotateInterval(),
                LanesFixture.OPTIONS.rotateBytes(),
                LanesFixture.OPTIONS.rotateEntries(),
                LanesFixture.OPTIONS.durability(),
                8,
                100_000,
                0,
                false));
    Tar tar = new Tar();
    for (int i = 0; i < 500; i++) {
      tar.file("f" + i, 0644, new byte[10_000]);
    }
    assertThat(run(at, "", tar.bytes()).entries()).isEqualTo(500);
    assertThat(at.contents()).hasSize(500);
  }
}
