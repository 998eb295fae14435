package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static io.sheaf.archive.Merging.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.batch.Salvager;
import io.sheaf.batch.Target;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.it.Tools;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Archives as merges of random batches leave them, opened by readers that are not Sheaf: unzip,
 * 7-Zip, bsdtar, Python's zipfile, libzip and Java.
 */
@Tag("cluster")
class ForeignReadersIT {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";
  private static final int RUNS = 8;
  private static final long GIB = 1L << 30;

  /** Names and checksums as a file says, then the contents of some. */
  private static final String PYTHON =
      """
      import sys, zipfile, zlib
      want = dict(line.rstrip('\\n').rsplit('\\t', 1) for line in open(sys.argv[2], encoding='utf-8'))
      with zipfile.ZipFile(sys.argv[1]) as z:
          infos = z.infolist()
          got = {i.filename: '%d %d' % (i.file_size, i.CRC) for i in infos}
          assert len(infos) == len(got), 'a name twice'
          assert got == want, sorted(set(got.items()) ^ set(want.items()))[:5]
          for i in infos:
              if i.file_size < 1 << 20 and zlib.crc32(z.read(i)) != i.CRC:
                  sys.exit('harmed: ' + i.filename)
      """;

  @TempDir private Path root;

  /** Of each entry the size and the checksum. */
  private final SortedMap<String, String> model = new TreeMap<>();

  @BeforeAll
  static void findReaders() {
    Tools.need("unzip", "7z", "bsdtar", "python3", "zipcmp");
  }

  private static String sum(byte[] contents) {
    CRC32 crc = new CRC32();
    crc.update(contents);
    return contents.length + " " + crc.getValue();
  }

  @Test
  void randomBatchesInRandomSplits() throws Exception {
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    System.out.println("seed of the random batches: " + seed);
    for (int run = 0; run < RUNS; run++) {
      Random random = new Random(seed + run);
      Merging at = new Merging(root.resolve("run" + run));
      model.clear();
      // The last one has more entries than a zip without zip64.
      int most = run == RUNS - 1 ? 35_500 : 1 << (2 * run);
      int batches = 2 + random.nextInt(6);
      long[] seqs = {0, 0};
      for (int i = 0; i < batches; i++) {
        int worker = random.nextInt(2);
        boolean large = run == RUNS - 1 && i < 2;
        int count = large ? most : random.nextInt(Math.min(most, 3_000));
        batch(at, worker == 0 ? W : V, ++seqs[worker], count, random);
        if (random.nextBoolean()) {
          at.commit = random.nextBoolean() ? CommitStrategy.IN_PLACE : CommitStrategy.REPLACE;
          assertThat(at.merge().quarantined()).isEmpty();
        }
      }
      at.merge();
      assertThat(at.verify().sound()).isTrue();
      if (!model.isEmpty()) {
        everyReaderTakes(at.archive());
      }
      System.out.println("entries of run " + run + ": " + model.size());
    }
  }

  private void batch(Merging at, String worker, long seq, int count, Random random)
      throws IOException {
    Compression compression = random.nextBoolean() ? Compression.STORED : Compression.DEFLATED;
    BatchWriter.Origin origin = new BatchWriter.Origin("s", worker, ARCHIVE, seq);
    Clock clock = Clock.fixed(Instant.ofEpochMilli(Merging.NOW + seq), ZoneOffset.UTC);
    BatchWriter batch = BatchWriter.open(at.healthy, at.base, origin, compression, false, clock);
    List<PreparedEntry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = name(random);
      byte[] contents = contents(random, count);
      if (model.putIfAbsent(name, sum(contents)) == null) {
        long modified = random.nextInt(4) * Merging.NOW / 2;
        entries.add(PreparedEntry.of(name, modified, ByteBuffer.wrap(contents), compression));
      }
    }
    batch.append(entries);
    batch.seal();
  }

  private static byte[] contents(Random random, int count) {
    int most = count > 3_000 ? 20 : random.nextInt(50) == 0 ? 200_000 : 2_000;
    byte[] contents = new byte[random.nextInt(most)];
    if (random.nextBoolean()) {
      random.nextBytes(contents);
    }
    return contents;
  }

  /** Up to a few hundred bytes of UTF-8, of one to four bytes a character. */
  private static String name(Random random) {
    String alphabet = "abcXYZ019 _-+(){}~%$é\u00df\u03a9\u0416\u65e5\u672c\ud83d\ude00";
    StringBuilder name = new StringBuilder("n");
    for (int parts = 1 + random.nextInt(3); parts > 0; parts--) {
      int length = random.nextInt(20) == 0 ? 60 : 1 + random.nextInt(12);
      for (int i = 0; i < length; i++) {
        int at = alphabet.offsetByCodePoints(0, random.nextInt(alphabet.codePointCount(0, 28)));
        name.appendCodePoint(alphabet.codePointAt(at));
      }
      name.append(parts > 1 ? "/p" : ".end");
    }
    return name.toString();
  }

  @Test
  void theLongestNameAndOddOnes() throws Exception {
    Merging at = new Merging(root);
    String odd = "dir/PK\006\007abcdefg";
    String longest = "n".repeat(Target.MAX_ENTRY_BYTES);
    at.batch(W, 1, longest, "one", "d", "a file", "d/below", "two", odd, "three");
    at.merge();
    List.of(longest, "d", "d/below", odd).forEach(name -> model.put(name, ""));
    model.put(longest, sum(bytes("one")));
    model.put("d", sum(bytes("a file")));
    model.put("d/below", sum(bytes("two")));
    model.put(odd, sum(bytes("three")));
    // 7-Zip and unzip take no path as long as that.
    python(at.archive());
    java(at.archive());
    run("bsdtar", "-tf", at.archive().toString());
    run("zipcmp", "-qt", at.archive().toString(), at.archive().toString());
  }

  private static final String PYTHON_MODES =
      """
      import stat, sys, zipfile
      for i in zipfile.ZipFile(sys.argv[1]).infolist():
          print(i.filename, stat.filemode(i.external_attr >> 16), i.is_dir(), i.external_attr & 0xffff)
      """;

  /** As merges and salvage leave them, of batches of one archive and of several. */
  @Test
  void modesKindsAndOwnersAreSeenByOthers() throws Exception {
    Merging at = new Merging(root);
    at.symlinks = true;
    BatchWriter.Origin origin = new BatchWriter.Origin("s", W, ARCHIVE, 1);
    Clock clock = Clock.fixed(Instant.ofEpochMilli(Merging.NOW), ZoneOffset.UTC);
    BatchWriter batch =
        BatchWriter.open(at.healthy, at.base, origin, Compression.DEFLATED, false, clock);
    add(batch, "plain", Attributes.FILE, "plain");
    add(batch, "run", Attributes.of(0104755), "#!/bin/sh");
    add(batch, "dir/", Attributes.of(0040750).withOwner(1_001, 1_002), "");
    add(batch, "dir/mine", Attributes.of(0100600).withOwner(70_000, 80_000), "secret ".repeat(50));
    add(batch, "link", Attributes.of(0120777).withOwner((int) 3_000_000_000L, 5), "plain");
    batch.abandon();
    new Salvager(at.healthy, at.base, "c-1-aaaaaa", clock)
        .salvage(new Inbox(at.healthy, at.base).parts().get(0), "s");
    assertThat(at.merge().quarantined()).isEmpty();
    at.batch(V, 1, "later", "one more");
    at.merge();
    String path = at.archive().toString();
    assertThat(run("unzip", "-Z", path))
        .containsPattern("-rw-r--r-- .* plain")
        .containsPattern("-rwsr-xr-x .* run")
        .containsPattern("drwxr-x--- .* dir/")
        .containsPattern("-rw------- .* dir/mine")
        .containsPattern("lrwxrwxrwx .* link");
    assertThat(run("7z", "l", "-slt", path))
        .containsPattern("(?s)Path = run\n.*Attributes =  ?-rwsr-xr-x")
        .containsPattern("(?s)Path = dir\n.*Attributes = D_? ?drwxr-x---")
        .containsPattern("(?s)Path = link\n.*Attributes =  ?lrwxrwxrwx");
    assertThat(run("bsdtar", "--numeric-owner", "-tvf", path))
        .containsPattern("-rw-r--r--  0 0 +0 .* plain")
        .containsPattern("-rwsr-xr-x  0 0 +0 .* run")
        .containsPattern("drwxr-x---  0 1001 +1002 .* dir/")
        .containsPattern("-rw-------  0 70000 +80000 .* dir/mine")
        .containsPattern("lrwxrwxrwx  0 3000000000 +5 .* link -> plain");
    assertThat(run("python3", "-c", PYTHON_MODES, path).lines())
        .contains(
            "plain -rw-r--r-- False 0",
            "run -rwsr-xr-x False 0",
            "dir/ drwxr-x--- True 16",
            "dir/mine -rw------- False 0",
            "link lrwxrwxrwx False 0");
    run("zipcmp", "-qt", path, path);
    run("unzip", "-tqq", path);
    Path out = Files.createDirectory(root.resolve("unpacked"));
    run("unzip", "-q", path, "-d", out.toString());
    assertThat(Files.readSymbolicLink(out.resolve("link"))).hasToString("plain");
    assertThat(Files.getPosixFilePermissions(out.resolve("dir/mine")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(out.resolve("dir/mine")).hasContent("secret ".repeat(50));
  }

  private static void add(BatchWriter batch, String name, Attributes attributes, String contents)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(bytes(contents));
    DepositId id = DepositId.of(Integer.toString(name.hashCode()));
    batch.append(
        List.of(
            PreparedEntry.of(
                null, name, Merging.NOW, attributes, id, bytes, Compression.DEFLATED)));
  }

  /** A batch of 3 GiB of nothing, another beside it, and entries before, between and behind. */
  @Test
  void anArchiveBeyondFourGibibytes() throws Exception {
    Merging at = new Merging(root);
    at.commit = CommitStrategy.IN_PLACE;
    at.batch(W, 1, "small/1", "one");
    at.merge();
    hole(at, 2, 3 * GIB, "hole/3");
    at.batch(V, 1, 3, Compression.DEFLATED, ARCHIVE, "small/2", "two ".repeat(100));
    at.merge();
    hole(at, 4, GIB + 4_096, "hole/1");
    at.merge();
    at.batch(V, 2, 5, Compression.DEFLATED, ARCHIVE, "small/3", "three ".repeat(100));
    assertThat(at.merge().quarantined()).isEmpty();
    model.put("small/1", sum(bytes("one")));
    model.put("small/2", sum(bytes("two ".repeat(100))));
    model.put("small/3", sum(bytes("three ".repeat(100))));
    smallOnesAreRead(at.archive());
    java(at.archive());
  }

  /** An archive that was there, with an entry of more than 4 GiB, to which is appended. */
  @Test
  void anEntryBeyondFourGibibytes() throws Exception {
    Merging at = new Merging(root);
    at.commit = CommitStrategy.IN_PLACE;
    Files.createDirectories(at.archive().getParent());
    try (RandomAccessFile out = new RandomAccessFile(at.archive().toFile(), "rw")) {
      long size = 4 * GIB + 4_096;
      HostileBatch.writeHoleZip(out, "hole/5", size, zeros("hole/5", size), new byte[0]);
    }
    at.batch(W, 1, "small/1", "one");
    at.batch(V, 1, 2, Compression.DEFLATED, ARCHIVE, "small/2", "two ".repeat(100));
    assertThat(at.merge().quarantined()).isEmpty();
    model.put("small/1", sum(bytes("one")));
    model.put("small/2", sum(bytes("two ".repeat(100))));
    smallOnesAreRead(at.archive());
  }

  /** Puts a batch into the inbox with one stored entry that is a hole of its file. */
  private void hole(Merging at, long seq, long size, String name) throws IOException {
    Path file = at.base.batch(ARCHIVE, W, seq);
    Files.createDirectories(file.getParent());
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      new HostileBatch(W, seq).writeHole(out, name, size, zeros(name, size));
    }
  }

  /** The checksum of an entry of zeros, which is in the model then. */
  private long zeros(String name, long size) {
    CRC32 crc = new CRC32();
    byte[] zeros = new byte[1 << 20];
    for (long left = size; left > 0; left -= zeros.length) {
      crc.update(zeros, 0, (int) Math.min(zeros.length, left));
    }
    model.put(name, size + " " + crc.getValue());
    return crc.getValue();
  }

  private void everyReaderTakes(Path archive) throws Exception {
    String path = archive.toString();
    java(archive);
    python(archive);
    run("unzip", "-tqq", path);
    run("7z", "t", "-bd", path);
    run("bsdtar", "-xOf", path);
    run("zipcmp", "-qt", path, path);
  }

  /** Where all of it would take too long: its directory, and what is small in it. */
  private void smallOnesAreRead(Path archive) throws Exception {
    String path = archive.toString();
    python(archive);
    run("unzip", "-tqq", path, "small/*");
    run("7z", "t", "-bd", path, "small/*");
    run("bsdtar", "-xOf", path, "small/*");
    run("zipcmp", "-q", path, path);
    assertThat(run("bsdtar", "-tf", path).lines()).hasSize(model.size());
  }

  private void python(Path archive) throws Exception {
    StringBuilder lines = new StringBuilder();
    model.forEach((name, sum) -> lines.append(name).append('\t').append(sum).append('\n'));
    Path list = Files.writeString(root.resolve("model"), lines);
    run("python3", "-c", PYTHON, archive.toString(), list.toString());
  }

  private void java(Path archive) throws IOException {
    Map<String, String> found = new TreeMap<>();
    byte[] piece = new byte[1 << 20];
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        CRC32 crc = new CRC32();
        long size = 0;
        try (InputStream in = zip.getInputStream(entry)) {
          for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
            crc.update(piece, 0, n);
            size += n;
          }
        }
        assertThat(found.put(entry.getName(), size + " " + crc.getValue())).isNull();
      }
    }
    assertThat(found).isEqualTo(model);
  }

  /** Runs a reader, which must end with 0; what it printed last is in the message if not. */
  private String run(String... command) throws Exception {
    Path log = root.resolve("reader.log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    boolean large = command[1].startsWith("-xO");
    builder.redirectOutput(large ? root.resolve("nothing").toFile() : log.toFile());
    Process process = builder.start();
    try (OutputStream none = process.getOutputStream()) {
      none.flush();
    }
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
    }
    String said = large ? "" : Files.readString(log, StandardCharsets.ISO_8859_1);
    assertThat(process.exitValue())
        .as(command[0] + ": " + said.substring(Math.max(0, said.length() - 2_000)))
        .isZero();
    return said;
  }
}
