package io.sheaf.archive;

import static io.sheaf.archive.HostileBatch.extra;
import static io.sheaf.archive.HostileBatch.longs;
import static io.sheaf.archive.Merging.ARCHIVE;
import static io.sheaf.archive.Merging.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.archive.HostileBatch.Entry;
import io.sheaf.batch.Quarantine;
import io.sheaf.it.Tools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Batches that no worker of Sheaf would write. What is bad is set aside with its bytes and a
 * reason, what is good is merged, and each destination is opened by Java's reader, and by Python's
 * at the end.
 */
class HostileBatchTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";
  private static final String BAD = "these are the bytes of the bad entry";

  @TempDir private static Path scratch;
  private static final List<String> ARCHIVES = new ArrayList<>();
  private static int bases;

  private Merging at;

  @BeforeEach
  void open() throws IOException {
    at = new Merging(scratch.resolve("base" + bases++));
    ARCHIVES.add(at.archive().toString());
  }

  /** Python refuses a whole file for one entry that it does not like. */
  @AfterAll
  static void pythonOpensEveryArchive() throws Exception {
    Tools.need("python3");
    String script =
        """
        import sys, zipfile
        for name in open(sys.argv[1]).read().split('\\n'):
            with zipfile.ZipFile(name) as z:
                assert z.testzip() is None, name
        """;
    List<String> there = ARCHIVES.stream().filter(a -> Files.exists(Path.of(a))).toList();
    Path list = Files.writeString(scratch.resolve("list"), String.join("\n", there));
    Path log = scratch.resolve("python.log");
    Process python =
        new ProcessBuilder("python3", "-c", script, list.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(python.waitFor()).as(Files.readString(log)).isZero();
    System.out.println("archives that Python opened: " + there.size());
  }

  private static Arguments bad(String what, String reason, Consumer<Entry> change) {
    return Arguments.of(what, reason, change);
  }

  private static Arguments name(String name, String reason) {
    return bad("name " + name, reason, e -> e.both(h -> h.name = bytes(name)));
  }

  static Stream<Arguments> badEntries() {
    return Stream.of(names(), flagsAndMethods(), extras(), types(), lies()).flatMap(cases -> cases);
  }

  private static Stream<Arguments> names() {
    return Stream.of(
        name("", "empty"),
        name("/", "absolute"),
        name("/etc/passwd", "absolute"),
        name("../x", ".."),
        name("a/../../x", ".."),
        name("a/..", ".."),
        name("./a", "component ."),
        name("a//b", "empty component"),
        name("a\0b", "NUL"),
        name("a\\..\\b", "backslash"),
        name("C:x", "drive"),
        name("d/", "has contents"),
        name("n".repeat(65_453), "readers"),
        bad("CP437", "UTF-8", e -> e.both(h -> h.name = new byte[] {'c', 'a', 'f', (byte) 0x82})),
        bad(
            "invalid UTF-8 under bit 11",
            "UTF-8",
            e ->
                e.both(
                    h -> {
                      h.flags = 1 << 11;
                      h.name = new byte[] {'x', (byte) 0xFF};
                    })),
        bad(
            "a surrogate as UTF-8",
            "UTF-8",
            e ->
                e.both(
                    h -> {
                      h.flags = 1 << 11;
                      h.name = new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80};
                    })),
        bad("comment", "UTF-8", e -> e.comment = new byte[] {(byte) 0xC3}),
        bad(
            "a second name",
            "second name",
            e -> e.directory.extra = extra(0x7075, unicodePath("../../x", e.directory.name))),
        bad(
            "a second name in the local header",
            "second name",
            e -> e.local.extra = extra(0x7075, unicodePath("../../x", e.local.name))));
  }

  private static byte[] unicodePath(String other, byte[] name) {
    CRC32 crc = new CRC32();
    crc.update(name);
    return HostileBatch.array(
        HostileBatch.little(5 + other.length())
            .put((byte) 1)
            .putInt((int) crc.getValue())
            .put(bytes(other)));
  }

  private static Stream<Arguments> flagsAndMethods() {
    Stream<Arguments> flags =
        Stream.of(0, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15)
            .map(bit -> bad("flag " + bit, "flags", e -> e.both(h -> h.flags = 1 << bit)));
    Stream<Arguments> methods =
        Stream.of(1, 6, 9, 12, 14, 20, 93, 95, 97, 98, 99, 65_535)
            .map(m -> bad("method " + m, "method " + m, e -> e.both(h -> h.method = m)));
    Stream<Arguments> others =
        Stream.of(
            bad("version", "version 99", e -> e.both(h -> h.version = 99)),
            bad("local version", "version 64", e -> e.local.version = 64),
            bad("disk", "disk 3", e -> e.disk = 3));
    return Stream.of(flags, methods, others).flatMap(cases -> cases);
  }

  private static Stream<Arguments> extras() {
    return Stream.of(
        bad("extra too long", "extra", e -> e.directory.extra = new byte[] {1, 2, 9, 0, 5}),
        bad("extra of 3 bytes", "extra", e -> e.directory.extra = new byte[3]),
        bad("local extra too long", "extra", e -> e.local.extra = new byte[] {1, 2, 9, 0, 5}),
        bad("local extra of 1 byte", "extra", e -> e.local.extra = new byte[1]),
        bad("zip64 not needed", "extra", e -> e.directory.extra = extra(1, longs(1))),
        bad("zip64 too long", "extra", e -> zip64(e, extra(1, longs(36, 36, 0)))),
        bad("zip64 too short", "extra", e -> zip64(e, extra(1, longs(36)))),
        bad("zip64 twice", "extra", e -> zip64(e, twice(extra(1, longs(36, 36))))),
        bad("zip64 missing", "extra", e -> zip64(e, new byte[0])),
        bad(
            "a record longer than 65,535 bytes",
            "longer together",
            e -> {
              e.directory.extra = extra(0x9999, new byte[40_000]);
              e.comment = bytes("c".repeat(30_000));
            }));
  }

  private static byte[] twice(byte[] one) {
    byte[] two = Arrays.copyOf(one, 2 * one.length);
    System.arraycopy(one, 0, two, one.length, one.length);
    return two;
  }

  private static void zip64(Entry e, byte[] extra) {
    e.directory.size = 0xFFFFFFFFL;
    e.directory.compressedSize = 0xFFFFFFFFL;
    e.directory.extra = extra;
  }

  private static Stream<Arguments> types() {
    return Stream.of(
        bad("symlink", "symbolic link", e -> e.mode = 0120777),
        bad(
            "symlink of another system",
            "symbolic link",
            e -> {
              e.mode = 0120777;
              e.madeBy = 16 << 8 | 20;
            }),
        bad("character device", "device", e -> e.mode = 0020666),
        bad("block device", "device", e -> e.mode = 0060666),
        bad("FIFO", "device", e -> e.mode = 0010666),
        bad("socket", "device", e -> e.mode = 0140666),
        bad("a directory with contents", "mode", e -> e.mode = 0040755));
  }

  /** One field says something else in the local header than in the directory, or both lie. */
  private static Stream<Arguments> lies() {
    return Stream.of(
        bad("local flags", "disagree", e -> e.local.flags = 2),
        bad("local method", "disagree", e -> e.local.method = 8),
        bad("local crc", "disagree", e -> e.local.crc ^= 1),
        bad("local size", "disagree", e -> e.local.size--),
        bad("local compressed size", "disagree", e -> e.local.compressedSize--),
        bad("local name", "disagree", e -> e.local.name = bytes("other")),
        bad("local name in case", "disagree", e -> e.local.name = bytes("BAD")),
        bad("directory crc", "disagree", e -> e.directory.crc ^= 1),
        bad("local zip64 incomplete", "disagree", e -> e.local.size = 0xFFFFFFFFL),
        bad("two sizes", "two sizes", e -> e.both(h -> h.size++)),
        bad("beyond the end", "", e -> e.both(HostileBatchTest::larger)),
        bad("no header there", "no local header", e -> e.offset = 3L),
        bad("outside", "no local header", e -> e.offset = 1L << 30),
        bad(
            "negative sizes",
            "no file has",
            e -> {
              e.both(
                  h -> {
                    h.size = 0xFFFFFFFFL;
                    h.compressedSize = 0xFFFFFFFFL;
                    h.extra = extra(1, longs(-5, -5));
                  });
            }),
        bad(
            "more than deflate can hold",
            "cannot have",
            e ->
                e.both(
                    h -> {
                      h.method = 8;
                      h.size = 1L << 30;
                    })));
  }

  private static void larger(HostileBatch.Header h) {
    h.size += 1 << 20;
    h.compressedSize += 1 << 20;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badEntries")
  void aBadEntryIsSetAsideAndTheOthersAreMerged(String what, String reason, Consumer<Entry> change)
      throws IOException {
    for (Integer sum : Arrays.asList(null, 17)) {
      // With a wrong sum of the region each entry is believed by its own checksum only.
      at = new Merging(scratch.resolve("base" + bases++));
      ARCHIVES.add(at.archive().toString());
      HostileBatch batch = new HostileBatch(W, 1);
      batch.crc32c = sum;
      batch.entry("good", "1").entry("bad", BAD, change).entry("last", "3").in(at);
      new HostileBatch(V, 1).entry("of another", "4").in(at);
      MergeOutcome outcome = at.merge();
      assertThat(outcome.entries()).isEqualTo(3);
      assertThat(outcome.quarantined()).anyMatch(item -> item.reason().contains(reason));
      at.assertMerged(Map.of("good", "1", "last", "3", "of another", "4"));
      assertThat(kept()).contains(BAD.substring(0, BAD.length() - 1));
    }
  }

  /** Everything in quarantine, one after the other. */
  private String kept() throws IOException {
    StringBuilder kept = new StringBuilder();
    for (Quarantine.Item item : at.quarantined()) {
      assertThat(item.reason()).isNotBlank();
      kept.append(HostileBatch.latin(Files.readAllBytes(item.path())));
    }
    return kept.toString();
  }

  @Test
  void whatReadersTakeIsTaken() throws IOException {
    HostileBatch batch = new HostileBatch(W, 1);
    batch
        .entry("plain", "1")
        .entry("dir", "a file")
        .entry("dir/", "", e -> e.mode = 0040755)
        .entry("dir/in it", "2")
        .entry("DIR", "not the same")
        .entry("new\nline", "3")
        .entry("deflated", "text ".repeat(100), HostileBatch::deflate)
        .entry("level", "text ".repeat(100), HostileBatchTest::deflatedFast)
        .entry("commented", "4", e -> e.comment = bytes("a comment"))
        .entry("unknown extra", "5", e -> e.both(h -> h.extra = extra(0x9999, bytes("data"))))
        .entry("zip64", "6", HostileBatchTest::zip64)
        .entry("on FAT", "7", e -> fat(e))
        .entry("é with bit 11", "8", e -> e.both(h -> h.flags = 1 << 11))
        .entry("é without", "9")
        .in(at);
    MergeOutcome outcome = at.merge();
    assertThat(outcome.quarantined()).isEmpty();
    Map<String, String> wanted = new TreeMap<>();
    wanted.putAll(Map.of("plain", "1", "dir", "a file", "dir/", "", "dir/in it", "2"));
    wanted.putAll(Map.of("DIR", "not the same", "new\nline", "3"));
    wanted.putAll(Map.of("deflated", "text ".repeat(100), "level", "text ".repeat(100)));
    wanted.putAll(Map.of("commented", "4", "unknown extra", "5", "zip64", "6", "on FAT", "7"));
    wanted.putAll(Map.of("é with bit 11", "8", "é without", "9"));
    at.assertMerged(wanted);
  }

  private static void deflatedFast(Entry e) {
    HostileBatch.deflate(e);
    e.both(h -> h.flags = 4);
  }

  private static void zip64(Entry e) {
    e.both(
        h -> {
          h.version = 45;
          h.size = 0xFFFFFFFFL;
          h.compressedSize = 0xFFFFFFFFL;
          h.extra = extra(1, longs(1, 1));
        });
  }

  private static void fat(Entry e) {
    e.madeBy = 20;
    e.mode = 0;
  }

  @Test
  void aDirectoryAndAFileOfOneNameAreTwoEntries() throws IOException {
    new HostileBatch(W, 1).entry("d", "a file").in(at);
    at.merge();
    new HostileBatch(W, 2).entry("d/", "").entry("d", "another").entry("d/", "").in(at);
    assertThat(at.merge().quarantined()).isEmpty();
    at.assertMerged(Map.of("d", "a file", "d/", "", "d~2", "another"));
  }

  /** Python and libzip look for a zip64 locator in the 20 bytes before the end record. */
  @Test
  void aNameThatLooksLikeALocatorSpoilsNothing() throws IOException {
    byte[] timestamp = extra(0x5455, (byte) 1, (byte) 0, (byte) 0, (byte) 0, (byte) 0);
    String name = "dir/PK\006\007abcdefg";
    new HostileBatch(W, 1)
        .entry("a", "1")
        .entry(name, "2", e -> e.directory.extra = timestamp)
        .in(at);
    at.merge();
    at.assertMerged(Map.of("a", "1", name, "2"));
    ARCHIVES.add(Files.copy(at.archive(), scratch.resolve("locator.zip")).toString());
    at.batch(W, 2, "b", "3", name, "4");
    at.merge();
    at.assertMerged(Map.of("a", "1", name, "2", "b", "3", name + "~2", "4"));
  }

  @Test
  void anEndRecordInTheContentsIsContents() throws IOException {
    byte[] inner = new HostileBatch(V, 9).entry("inside", "not an entry").bytes();
    byte[] locator =
        HostileBatch.array(
            HostileBatch.little(20)
                .putInt(HostileBatch.ZIP64_LOCATOR)
                .putInt(0)
                .putLong(0)
                .putInt(1));
    HostileBatch batch = new HostileBatch(W, 1);
    batch
        .entry("first", "1")
        .entry(bytes("inner.zip"), inner, e -> {})
        .entry(bytes("locator"), locator, e -> {});
    batch.in(at);
    assertThat(at.merge().quarantined()).isEmpty();
    assertThat(at.entries()).containsOnlyKeys("first", "inner.zip", "locator");
    assertThat(at.verify().sound()).isTrue();
    // And where the contents that end in an end record are the last bytes of the data.
    new HostileBatch(W, 2).entry(bytes("inner2.zip"), inner, e -> {}).in(at);
    at.merge();
    assertThat(at.entries()).containsKeys("first", "inner.zip", "inner2.zip").hasSize(4);
    assertThat(at.verify().sound()).isTrue();
  }

  /** The manifest as it is, and after it an end record that lists nothing, or other entries. */
  @ParameterizedTest
  @MethodSource("fakeEnds")
  void anEndRecordInTheCommentHidesNothing(String what, byte[] fake) throws IOException {
    HostileBatch batch = new HostileBatch(W, 1);
    batch.afterManifest = fake;
    batch.entry("good", "contents of good").entry("last", "contents of last").in(at);
    new HostileBatch(V, 1).entry("other", "4").in(at);
    at.merge();
    Map<String, String> entries = new TreeMap<>(at.entries());
    assertThat(entries).containsEntry("other", "4");
    for (String contents : List.of("contents of good", "contents of last")) {
      assertThat(entries.containsValue(contents) || kept().contains(contents)).isTrue();
    }
    assertThat(at.verify().sound()).isTrue();
    assertThat(Merging.files(at.base.inbox())).isEmpty();
  }

  static Stream<Arguments> fakeEnds() throws IOException {
    byte[] whole =
        new HostileBatch(W, 1)
            .entry("good", "contents of good")
            .entry("last", "contents of last")
            .bytes();
    // An end record of an empty directory that lies just before it: consistent in itself.
    byte[] empty =
        HostileBatch.array(
            HostileBatch.little(22)
                .putInt(HostileBatch.END)
                .putInt(0)
                .putInt(0)
                .putInt(0)
                .putInt(whole.length)
                .putShort((short) 0));
    byte[] locator =
        HostileBatch.array(
            HostileBatch.little(42)
                .putInt(HostileBatch.ZIP64_LOCATOR)
                .putInt(0)
                .putLong(0)
                .putInt(1)
                .put(empty));
    byte[] loose = HostileBatch.array(HostileBatch.little(22).putInt(HostileBatch.END));
    return Stream.of(
        Arguments.of("an end of nothing", empty),
        Arguments.of("a locator and an end", locator),
        Arguments.of("an end that fits nowhere", loose));
  }

  /** Two names for one entry: the bytes are merged once. */
  @Test
  void aSecondRecordForOneHeaderIsRefused() throws IOException {
    HostileBatch batch = new HostileBatch(W, 1);
    batch.entry("one", "1");
    batch.entry(
        "one",
        "1",
        e -> {
          e.written = false;
          e.offset = 0L;
        });
    batch.entry(
        "two",
        "2",
        e -> {
          e.written = false;
          e.offset = 0L;
        });
    batch.entry("last", "3").in(at);
    MergeOutcome outcome = at.merge();
    assertThat(outcome.entries()).isEqualTo(2);
    assertThat(outcome.quarantined()).hasSize(2);
    at.assertMerged(Map.of("one", "1", "last", "3"));
  }

  /** A kernel that many records claim, each with a local header of its own before it. */
  @Test
  void entriesThatOverlapAreRefused() throws IOException {
    byte[] kernel = new byte[100_000];
    ByteArrayOutputStream quoted = new ByteArrayOutputStream();
    HostileBatch inner = new HostileBatch(W, 2);
    inner.entry(bytes("kernel"), kernel, HostileBatch::deflate);
    byte[] innerBytes = inner.bytes();
    int region = indexOf(innerBytes, new byte[] {'P', 'K', 1, 2});
    quoted.write(innerBytes, 0, region);
    HostileBatch batch = new HostileBatch(W, 1);
    batch.entry("good", "1");
    // The contents of "outer" are the header and the contents of "kernel".
    batch.entry(bytes("outer"), quoted.toByteArray(), e -> {});
    long kernelAt = 30 + 4 + 1 + 30 + 5;
    batch.entry(
        bytes("kernel"),
        kernel,
        e -> {
          HostileBatch.deflate(e);
          e.written = false;
          e.offset = kernelAt;
        });
    batch.entry("last", "3").in(at);
    MergeOutcome outcome = at.merge();
    assertThat(outcome.entries()).isEqualTo(3);
    assertThat(outcome.quarantined()).hasSize(1);
    assertThat(outcome.quarantined().get(0).reason()).contains("overlaps");
    assertThat(at.entries()).containsOnlyKeys("good", "outer", "last");
    assertThat(at.verify().sound()).isTrue();
  }

  private static int indexOf(byte[] where, byte[] what) {
    for (int i = 0; i + what.length <= where.length; i++) {
      if (Arrays.equals(where, i, i + what.length, what, 0, what.length)) {
        return i;
      }
    }
    throw new AssertionError("not found");
  }

  @Test
  void aDirectoryInAnotherOrderIsNoOverlap() throws IOException {
    HostileBatch batch = new HostileBatch(W, 1);
    batch.entry("a", "1").entry("b", "2").entry("c", "3").entry("d", "4");
    batch.order = new int[] {2, 0, 3, 1};
    batch.in(at);
    assertThat(at.merge().quarantined()).isEmpty();
    at.assertMerged(Map.of("a", "1", "b", "2", "c", "3", "d", "4"));
  }

  @Test
  void bytesThatNoEntryHasAreKept() throws IOException {
    HostileBatch batch = new HostileBatch(W, 1);
    batch.entry("good", "1");
    batch.entry("hidden", "an entry that is not listed", e -> e.listed = false);
    batch.entry("last", "3");
    batch.beforeDirectory = bytes("and more at the end");
    batch.in(at);
    MergeOutcome outcome = at.merge();
    at.assertMerged(Map.of("good", "1", "last", "3"));
    assertThat(outcome.quarantined()).hasSize(2);
    assertThat(kept()).contains("an entry that is not listed").contains("and more at the end");
  }

  @Test
  void aSymbolicLinkPassesWhereTheSessionAllowsIt() throws IOException {
    at.symlinks = true;
    new HostileBatch(W, 1).entry("link", "target", e -> e.mode = 0120777).in(at);
    assertThat(at.merge().quarantined()).isEmpty();
    at.assertMerged(Map.of("link", "target"));
  }

  /** Empty contents have no bytes to search for: that of two such the bad one is there still. */
  @Test
  void aBadEntryWithoutContentsIsKeptToo() throws IOException {
    HostileBatch batch = new HostileBatch(W, 1);
    batch.entry("good", "1").entry("../x", "").in(at);
    at.merge();
    at.assertMerged(Map.of("good", "1"));
    assertThat(kept()).contains("../x");
  }

  @Test
  void theReasonNamesTheEntryInOneLine() throws IOException {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("../a\nb", "two lines");
    names.put("/\u001b[31m", "a terminal's colour");
    long seq = 1;
    for (Map.Entry<String, String> name : names.entrySet()) {
      new HostileBatch(W, seq++).entry(name.getKey(), name.getValue()).in(at);
    }
    at.merge();
    assertThat(at.quarantined()).hasSize(2);
    for (Quarantine.Item item : at.quarantined()) {
      Path reason = item.path().resolveSibling(item.path().getFileName() + Quarantine.REASON);
      assertThat(Files.readString(reason, StandardCharsets.UTF_8).strip())
          .doesNotContain("\n", "\u001b");
    }
    assertThat(at.base.archive(ARCHIVE)).doesNotExist();
  }
}
