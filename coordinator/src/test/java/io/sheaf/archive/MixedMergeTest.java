package io.sheaf.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.EntryWriter;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.MixedFile;
import io.sheaf.batch.MixedPart;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.conf.CommitStrategy;
import io.sheaf.conf.Duplicates;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.FaultyDisk;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EndRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Parts of batches of several archives: cut out, checked, and the batch gone with the last. */
class MixedMergeTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";
  private static final String A = "a.zip";
  private static final String B = "d/b.zip";
  private static final String C = "c ü.zip";

  @TempDir private Path root;
  private Merging at;
  private Duplicates duplicates = Duplicates.ALL;
  private CommitStrategy commit = CommitStrategy.AUTO;

  @BeforeEach
  void base() throws IOException {
    at = new Merging(root.resolve("base"));
  }

  /** A batch of several archives; the numbers of their parts, then targets and contents. */
  private static Path mixed(
      Merging at, String worker, long m, Map<String, Long> seqs, String... targetsAndContents)
      throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    for (int i = 0; i < targetsAndContents.length; i += 2) {
      entries.put(targetsAndContents[i], Merging.bytes(targetsAndContents[i + 1]));
    }
    return mixed(at, worker, m, seqs, entries, Compression.STORED);
  }

  private static Path mixed(
      Merging at,
      String worker,
      long m,
      Map<String, Long> seqs,
      Map<String, byte[]> entries,
      Compression compression)
      throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("s", worker, Manifest.MIXED, m);
    Clock clock = Clock.fixed(Instant.ofEpochMilli(Merging.NOW + m), ZoneOffset.UTC);
    BatchWriter batch = BatchWriter.open(at.healthy, at.base, origin, compression, false, clock);
    Map<String, MixedPart> parts = new HashMap<>();
    int n = 0;
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      int end = entry.getKey().indexOf(".zip/") + 4;
      String archive = entry.getKey().substring(0, end);
      String name = entry.getKey().substring(end + 1);
      MixedPart part =
          parts.computeIfAbsent(archive, a -> new MixedPart(a, seqs.getOrDefault(a, 1L)));
      ByteBuffer contents = ByteBuffer.wrap(entry.getValue());
      if (n++ % 3 == 2) {
        EntryWriter stream = batch.begin(part, name, Merging.NOW, -1);
        stream.write(contents);
        stream.commit();
      } else {
        batch.append(List.of(PreparedEntry.of(part, name, Merging.NOW, contents, compression)));
      }
    }
    return at.root.resolve(batch.seal().path());
  }

  private Consolidator consolidator(Merging on, Disk disk) {
    MergePolicy policy = MergePolicy.simple(duplicates).with(commit);
    return new Consolidator(disk, on.base, policy, "c-1-aaaaaa", "s", Clock.systemUTC());
  }

  private MergeOutcome merge(String archive, PendingBatch... published) throws IOException {
    return consolidator(at, at.healthy).merge(archive, List.of(published), () -> {});
  }

  private static SortedMap<String, byte[]> contents(Merging at, String archive) throws IOException {
    SortedMap<String, byte[]> found = new TreeMap<>();
    Path path = at.base.archive(archive);
    if (Files.exists(path)) {
      try (ZipFile file = new ZipFile(path.toFile())) {
        for (ZipEntry entry : Collections.list(file.entries())) {
          try (InputStream in = file.getInputStream(entry)) {
            assertThat(found.put(entry.getName(), in.readAllBytes())).isNull();
          }
        }
      }
    }
    return found;
  }

  private static Map<String, String> texts(Merging at, String archive) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    contents(at, archive)
        .forEach((name, c) -> texts.put(name, new String(c, StandardCharsets.UTF_8)));
    return texts;
  }

  private static List<Path> inbox(Merging at) throws IOException {
    return Merging.files(at.base.inbox());
  }

  private void assertSound() throws IOException {
    assertThat(at.verify().sound()).as(at.verify().toString()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void eachArchiveGetsItsEntriesAndTheBatchGoesWithTheLast(Compression compression)
      throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed of a mixed batch: " + seed);
    Random random = new Random(seed);
    Map<String, byte[]> all = new LinkedHashMap<>();
    for (int i = 0; i < 300; i++) {
      int size = random.nextInt(i % 40 == 7 ? 1_500_000 : 3_000);
      byte[] contents = new byte[size];
      for (int k = 0; k < size; k++) {
        contents[k] = (byte) random.nextInt(i % 2 == 0 ? 256 : 4);
      }
      all.put(
          List.of(A, B, C).get(random.nextInt(3)) + "/" + (i % 2 == 0 ? "ä/" : "") + i, contents);
    }
    Path batch = mixed(at, W, 1, Map.of(A, 1L, B, 5L, C, 9L), all, compression);
    byte[] before = Files.readAllBytes(batch);
    for (String archive : List.of(B, A, C)) {
      assertThat(batch).exists();
      MergeOutcome outcome = merge(archive);
      assertThat(outcome.quarantined()).isEmpty();
      assertThat(outcome.settled()).hasSize(1);
      Map<String, byte[]> wanted = new TreeMap<>();
      all.forEach(
          (name, c) -> {
            if (name.startsWith(archive + "/")) {
              wanted.put(name.substring(archive.length() + 1), c);
            }
          });
      assertThat(outcome.entries()).isEqualTo(wanted.size());
      SortedMap<String, byte[]> found = contents(at, archive);
      assertThat(found.keySet()).isEqualTo(wanted.keySet());
      wanted.forEach((name, c) -> assertThat(found.get(name)).as(name).isEqualTo(c));
      assertNothingOfTheBatch(at.base.archive(archive), archive);
      assertThat(merge(archive).entries()).isZero();
    }
    assertThat(inbox(at)).isEmpty();
    assertSound();
    // Again, after it was consumed: taken away, and nothing twice.
    Files.createDirectories(batch.getParent());
    Files.write(batch, before);
    assertThat(merge(A).entries()).isZero();
    assertThat(new MixedSweep(at.healthy, at.base).pending()).isEmpty();
    assertThat(new MixedSweep(at.healthy, at.base).sweep()).isEmpty();
    assertThat(inbox(at)).isEmpty();
  }

  private static void assertNothingOfTheBatch(Path path, String archive) throws IOException {
    String bytes = Files.readString(path, StandardCharsets.ISO_8859_1);
    assertThat(bytes)
        .doesNotContain(new String(Merging.bytes(archive + "/"), StandardCharsets.ISO_8859_1));
    assertThat(bytes).doesNotContain("SF\u000c\u0000");
  }

  @ParameterizedTest
  @EnumSource(Duplicates.class)
  void namesThatAreThereFollowThePolicy(Duplicates policy) throws IOException {
    duplicates = policy;
    at.batch(V, 1, 0, Compression.STORED, A, "same", "1", "other", "old", "mine", "3");
    merge(A);
    mixed(
        at,
        W,
        1,
        Map.of(A, 7L),
        A + "/same",
        "1",
        B + "/x",
        "x",
        A + "/other",
        "new",
        A + "/fresh",
        "4",
        B + "/y",
        "y");
    MergeOutcome outcome = merge(A);
    Map<String, String> wanted =
        new TreeMap<>(Map.of("same", "1", "other", "old", "mine", "3", "fresh", "4"));
    if (policy == Duplicates.ALL) {
      wanted.put("other~2", "new");
    } else if (policy == Duplicates.LAST) {
      wanted.put("other", "new");
    }
    assertThat(texts(at, A)).isEqualTo(wanted);
    assertNothingOfTheBatch(at.base.archive(A), A);
    assertThat(outcome.quarantined()).hasSize(policy == Duplicates.ERROR ? 2 : 0);
    merge(B);
    assertThat(texts(at, B)).isEqualTo(Map.of("x", "x", "y", "y"));
    assertThat(inbox(at)).isEmpty();
    assertSound();
  }

  @Test
  void twoCopiesAreMergedOnce() throws IOException {
    Path batch = mixed(at, W, 1, Map.of(), A + "/x", "1", B + "/x", "2");
    Files.copy(batch, batch.resolveSibling(W + "-77.zip"));
    assertThat(merge(A).entries()).isEqualTo(1);
    assertThat(inbox(at)).hasSize(2);
    assertThat(merge(B).entries()).isEqualTo(1);
    assertThat(merge(A).entries()).isZero();
    assertThat(inbox(at)).isEmpty();
    assertThat(texts(at, A)).isEqualTo(Map.of("x", "1"));
  }

  @Test
  void anEntryThatIsDamagedIsKeptAsideAndTheOthersAreMerged() throws Exception {
    Path batch = mixed(at, W, 1, Map.of(), A + "/x", "one", A + "/y", "two", B + "/z", "three");
    byte[] bytes = Files.readAllBytes(batch);
    int contents = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("two");
    bytes[contents] ^= 1;
    Files.write(batch, bytes);
    MergeOutcome outcome = merge(A);
    assertThat(outcome.quarantined()).hasSize(1);
    assertThat(outcome.quarantined().get(0).reason())
        .isEqualTo("entry y: its checksum does not hold");
    assertThat(texts(at, A)).isEqualTo(Map.of("x", "one"));
    assertThat(merge(B).quarantined()).isEmpty();
    assertThat(texts(at, B)).isEqualTo(Map.of("z", "three"));
    assertThat(inbox(at)).isEmpty();
    // Repaired by hand it goes in under its own name.
    Path kept = at.quarantined().get(0).path();
    byte[] piece = Files.readAllBytes(kept);
    piece[piece.length - 3] ^= 1;
    Files.write(kept, piece);
    MergePolicy policy = MergePolicy.simple(duplicates);
    new OfflineRecovery(at.healthy, at.base, policy, "r-1-a", Clock.systemUTC())
        .run(new OfflineRecovery.Options(1, true, Set.of()), (done, of, last) -> {});
    assertThat(texts(at, A)).isEqualTo(Map.of("x", "one", "y", "two"));
    assertThat(at.quarantined()).isEmpty();
  }

  @Test
  void anEntryWhoseHeaderNamesAnotherArchiveIsKeptAside() throws IOException {
    Path batch = mixed(at, W, 1, Map.of(), A + "/x", "one", A + "/y", "two", B + "/z", "three");
    byte[] bytes = Files.readAllBytes(batch);
    bytes[30] = 'b'; // of "a.zip/x"
    Files.write(batch, bytes);
    assertThat(merge(A).quarantined()).hasSize(1);
    assertThat(texts(at, A)).isEqualTo(Map.of("y", "two"));
    merge(B);
    assertThat(texts(at, B)).isEqualTo(Map.of("z", "three"));
    assertThat(inbox(at)).isEmpty();
  }

  @Test
  void oneWithoutAReadableEndIsKeptAsideAsAWhole() throws IOException {
    Path batch = mixed(at, W, 1, Map.of(), A + "/x", "one", B + "/z", "three");
    PendingBatch published = MixedFile.read(at.healthy, batch).published(at.base).get(0);
    byte[] bytes = Files.readAllBytes(batch);
    Files.write(batch, Arrays.copyOf(bytes, bytes.length - 1));
    assertThat(merge(A).entries()).isZero();
    assertThat(merge(A, published).missing()).containsExactly(published);
    MixedSweep sweep = new MixedSweep(at.healthy, at.base);
    assertThat(sweep.sweep()).hasSize(1);
    assertThat(sweep.sweep()).isEmpty();
    assertThat(at.quarantined().get(0).path())
        .hasBinaryContent(Arrays.copyOf(bytes, bytes.length - 1));
    assertThat(inbox(at)).isEmpty();
    // What was published of it does not wait for ever.
    MergeOutcome outcome = merge(A, published);
    assertThat(outcome.missing()).isEmpty();
    assertThat(outcome.settled()).hasSize(1);
  }

  @Test
  void bytesThatNobodyListsKeepItFromBeingDeleted() throws IOException {
    Path batch = mixed(at, W, 1, Map.of(), A + "/x", "one", B + "/z", "three");
    byte[] hidden = hideInTheRegion(batch, "what is this");
    Files.write(batch, hidden);
    assertThat(merge(A).entries()).isEqualTo(1);
    MergeOutcome last = merge(B);
    assertThat(last.entries()).isEqualTo(1);
    assertThat(last.quarantined()).hasSize(1);
    assertThat(last.quarantined().get(0).path()).hasBinaryContent(hidden);
    assertThat(inbox(at)).isEmpty();
  }

  /** Puts bytes between the entries and the list, with all sums made to fit. */
  private byte[] hideInTheRegion(Path batch, String text) throws IOException {
    MixedFile file = MixedFile.read(at.healthy, batch);
    byte[] all = Files.readAllBytes(batch);
    Manifest m = file.manifest();
    int listAt = Math.toIntExact(Objects.requireNonNull(m.parts()));
    int region = Math.toIntExact(m.region());
    byte[] extra = Merging.bytes(text);
    // As a second region of the list's part: only the sum over all parts would show it.
    ByteBuffer out = ByteBuffer.allocate(all.length + 2_000);
    String json = new String(all, listAt, region - listAt, StandardCharsets.ISO_8859_1);
    assertThat(json).contains("\"region\":");
    out.put(all, 0, listAt).put(extra);
    return rebuild(all, out, listAt, region, extra.length, m);
  }

  private byte[] rebuild(byte[] all, ByteBuffer out, int listAt, int region, int more, Manifest m)
      throws IOException {
    EndRecord end;
    try (DiskFile file = at.healthy.openForRead(at.base.batch(Manifest.MIXED, W, 1))) {
      end = EndRecord.read(file);
    }
    byte[] directory =
        Arrays.copyOfRange(all, region, region + Math.toIntExact(end.directoryLength()));
    ObjectMapper mapper = new ObjectMapper();
    int header = new String(all, listAt, region - listAt, StandardCharsets.ISO_8859_1).indexOf('{');
    ObjectNode list =
        (ObjectNode) mapper.readTree(Arrays.copyOfRange(all, listAt + header, region));
    ObjectNode last = (ObjectNode) list.get("parts").get(1);
    last.put("region", last.get("region").asLong() + more);
    byte[] json = mapper.writeValueAsBytes(list);
    CRC32 crc = new CRC32();
    crc.update(json);
    ByteBuffer local = ByteBuffer.wrap(all, listAt, header).slice().duplicate();
    byte[] head = new byte[header];
    local.get(head);
    ByteBuffer h = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    h.putInt(14, (int) crc.getValue()).putInt(18, json.length).putInt(22, json.length);
    out.put(head).put(json);
    int newRegion = out.position();
    DirectoryCursor cursor = new DirectoryCursor(ByteBuffer.wrap(directory));
    int at = 0;
    while (cursor.next()) {
      at = cursor.at();
    }
    ByteBuffer d = ByteBuffer.wrap(directory).order(ByteOrder.LITTLE_ENDIAN);
    d.putInt(at + 16, (int) crc.getValue()).putInt(at + 20, json.length);
    d.putInt(at + 24, json.length).putInt(at + 42, listAt + more);
    Manifest summed =
        new Manifest(
            m.version(),
            m.id(),
            m.session(),
            m.worker(),
            m.seq(),
            m.archive(),
            m.entries(),
            m.bytes(),
            newRegion,
            Crc32c.of(out.slice(0, newRegion)),
            Crc32c.of(ByteBuffer.wrap(directory)),
            m.opened(),
            m.closed(),
            null,
            (long) (listAt + more));
    byte[] comment = mapper.writeValueAsBytes(summed);
    byte[] tail =
        EndRecord.of(end.entries(), newRegion, directory.length, comment).encode().array();
    out.put(directory).put(tail);
    byte[] whole = new byte[out.position()];
    out.get(0, whole);
    return whole;
  }

  @Test
  void whatWaitsInItIsShownAndVerified() throws IOException {
    mixed(at, W, 1, Map.of(), A + "/x", "one", B + "/y", "two", A + "/z", "three");
    ArchiveView view = new ArchiveView(at.healthy, at.base);
    assertThat(view.archives()).containsExactly(A, B);
    assertThat(view.list(A)).extracting(ArchiveView.Entry::name).containsExactly("x", "z");
    assertThat(view.open(A, "z").orElseThrow()).hasContent("three");
    assertThat(view.open(A, "y")).isEmpty();
    assertThat(at.verify().sound()).isTrue();
    assertThat(at.verify().pending()).hasSize(1);
    assertThat(at.verify().pending().get(0).entries()).isEqualTo(3);
    merge(A);
    assertThat(at.verify().pending().get(0).entries()).isEqualTo(1);
    assertThat(view.list(A))
        .extracting(ArchiveView.Entry::state)
        .containsOnly(ArchiveView.State.MERGED);
    assertThat(view.list(B))
        .extracting(ArchiveView.Entry::state)
        .containsOnly(ArchiveView.State.PENDING);
  }

  @Test
  void isRecoveredWithoutZooKeeper() throws Exception {
    mixed(at, W, 1, Map.of(), A + "/x", "one", B + "/y", "two");
    mixed(at, V, 1, Map.of(), B + "/z", "three");
    BatchWriter.Origin origin = new BatchWriter.Origin("s", W, Manifest.MIXED, 2);
    BatchWriter open =
        BatchWriter.open(at.healthy, at.base, origin, Compression.STORED, false, Clock.systemUTC());
    ByteBuffer contents = ByteBuffer.wrap(Merging.bytes("four"));
    MixedPart part = new MixedPart(C, 1);
    open.append(List.of(PreparedEntry.of(part, "q", Merging.NOW, contents, Compression.STORED)));
    open.abandon();
    OfflineRecovery recovery =
        new OfflineRecovery(
            at.healthy, at.base, MergePolicy.simple(duplicates), "r-1-a", Clock.systemUTC());
    RecoveryReport report = recovery.run(OfflineRecovery.Options.of(2), (done, of, last) -> {});
    assertThat(report.complete()).as(report.toString()).isTrue();
    assertThat(report.archives()).hasSize(3);
    assertThat(report.salvaged()).isEqualTo(1);
    assertThat(texts(at, A)).isEqualTo(Map.of("x", "one"));
    assertThat(texts(at, B)).isEqualTo(Map.of("y", "two", "z", "three"));
    assertThat(texts(at, C)).isEqualTo(Map.of("q", "four"));
    assertThat(inbox(at)).isEmpty();
    assertSound();
  }

  @ParameterizedTest
  @EnumSource(names = {"REPLACE", "IN_PLACE"})
  void aCrashAnywhereLosesNothingAndDoublesNothing(CommitStrategy strategy) throws IOException {
    commit = strategy;
    int states = 0;
    boolean crashed = true;
    for (int n = 1; crashed; n++) {
      crashed = crashedAt(n, Integer.MAX_VALUE);
      boolean again = crashed && n % 5 == 1;
      for (int k = 1; again; k++) {
        again = crashedAt(n, k);
        states++;
      }
    }
    assertThat(states).isGreaterThan(500);
    System.out.println("crash states of a mixed merge, twice: " + states);
  }

  private int bases;

  private boolean crashedAt(int first, int second) throws IOException {
    Merging on = new Merging(root.resolve("crash" + bases++));
    on.batch(V, 1, 0, Compression.STORED, A, "old", "0");
    consolidator(on, on.healthy).merge(A, List.of(), () -> {});
    mixed(on, W, 1, Map.of(A, 4L), A + "/x", "1", B + "/y", "2", A + "/old", "2", B + "/z", "3");
    boolean crashed = mergesUntil(on, first);
    if (crashed && second != Integer.MAX_VALUE) {
      crashed = mergesUntil(on, second);
    }
    mergeAll(on, on.healthy);
    assertThat(texts(on, A)).isEqualTo(Map.of("old", "0", "x", "1", "old~2", "2"));
    assertThat(texts(on, B)).isEqualTo(Map.of("y", "2", "z", "3"));
    assertThat(inbox(on)).isEmpty();
    assertThat(on.quarantined()).isEmpty();
    assertThat(on.verify().sound()).isTrue();
    assertThat(SessionTotals.of(on.healthy, on.base, "s").entries()).isEqualTo(5);
    return crashed;
  }

  private void mergeAll(Merging on, Disk disk) throws IOException {
    Consolidator consolidator = consolidator(on, disk);
    for (String archive : List.of(A, B)) {
      consolidator.merge(archive, List.of(), () -> {});
    }
    consolidator.mixed().sweep();
  }

  private boolean mergesUntil(Merging on, int n) throws IOException {
    FaultyDisk faulty = FaultyDisk.crashing(on.healthy, n);
    try {
      mergeAll(on, faulty.disk());
      assertThat(faulty.happened()).isFalse();
    } catch (IOException e) {
      assertThat(faulty.happened()).as(String.valueOf(e)).isTrue();
    } finally {
      faulty.endProcess();
    }
    assertNothingLost(on);
    return faulty.happened();
  }

  /** At every instant each entry is in its archive, or in the batch that waits. */
  private void assertNothingLost(Merging on) throws IOException {
    ArchiveView view = new ArchiveView(on.healthy, on.base);
    for (String target : List.of("x", "old")) {
      assertThat(view.open(A, target)).as(target).isPresent();
    }
    for (String target : List.of("y", "z")) {
      assertThat(view.open(B, target)).as(target).isPresent();
    }
    if (inbox(on).isEmpty()) {
      assertThat(texts(on, A)).hasSize(3);
      assertThat(texts(on, B)).hasSize(2);
    }
    for (BatchFile part : parts(on)) {
      assertThat(part.isPart()).isTrue();
    }
  }

  private static List<BatchFile> parts(Merging on) throws IOException {
    List<BatchFile> parts = new ArrayList<>();
    for (MixedFile file : new Inbox(on.healthy, on.base).mixed().files()) {
      for (String archive : file.archives()) {
        file.open(on.healthy, archive).ifPresent(parts::add);
      }
    }
    return parts;
  }
}
