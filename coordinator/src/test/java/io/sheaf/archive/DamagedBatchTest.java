package io.sheaf.archive;

import static io.sheaf.archive.Merging.ARCHIVE;
import static io.sheaf.archive.Merging.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BatchFile;
import io.sheaf.batch.DamagedBatch;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.FaultyDisk;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Closed batches whose end is damaged: everything in them whose checksum holds is merged. */
class DamagedBatchTest {
  private static final String W = "node7-4711-a1b2c3";
  private static final String V = "node8-4712-d4e5f6";

  @TempDir private Path root;
  private int bases;

  /** A whole batch: what is in it, where each entry ends, and where the directory begins. */
  private byte[] whole = {};

  private final Map<String, byte[]> model = new LinkedHashMap<>();
  private final List<Integer> ends = new ArrayList<>();
  private int region;
  private int directoryEnd;

  /** Contents among which are a zip, a batch and an open batch, stored: they look like entries. */
  @BeforeEach
  void writeABatch() throws IOException {
    byte[] inner = new HostileBatch(W, 1).entry("inside", "of the inner one").bytes();
    byte[] other = new HostileBatch(V, 7).entry("inside", "of the other").entry("in2", "2").bytes();
    int part = indexOf(other, new byte[] {'P', 'K', 1, 2});
    model.put("small", bytes("small"));
    model.put("inner.zip", inner);
    model.put("empty", new byte[0]);
    model.put("deflated", bytes("deflated text ".repeat(40)));
    model.put("other.zip.part", Arrays.copyOf(other, part));
    HostileBatch batch = new HostileBatch(W, 1);
    int end = 0;
    for (Map.Entry<String, byte[]> entry : model.entrySet()) {
      batch.entry(
          bytes(entry.getKey()),
          entry.getValue(),
          e -> {
            if (entry.getKey().equals("deflated")) {
              HostileBatch.deflate(e);
            }
          });
      end += batch.lastLength();
      ends.add(end);
    }
    region = end;
    whole = batch.bytes();
    directoryEnd = indexOf(whole, new byte[] {'P', 'K', 5, 6}, region);
  }

  /** Where the value of a field of the manifest begins. */
  private int field(String name) {
    String key = '"' + name + "\":";
    return indexOf(whole, bytes(key), directoryEnd) + key.length();
  }

  private static int indexOf(byte[] where, byte[] what) {
    return indexOf(where, what, 0);
  }

  private static int indexOf(byte[] where, byte[] what, int from) {
    for (int i = from; i + what.length <= where.length; i++) {
      if (Arrays.equals(where, i, i + what.length, what, 0, what.length)) {
        return i;
      }
    }
    throw new AssertionError("not found");
  }

  private Merging baseWith(byte[] batch) throws IOException {
    Merging at = new Merging(root.resolve("base" + bases++));
    put(at, W + "-1.zip", batch);
    return at;
  }

  private static Path put(Merging at, String name, byte[] batch) throws IOException {
    Path file = at.base.inbox(ARCHIVE).resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, batch);
  }

  private SortedMap<String, String> wanted(IntPredicate entry) {
    SortedMap<String, String> wanted = new TreeMap<>();
    int i = 0;
    for (Map.Entry<String, byte[]> e : model.entrySet()) {
      if (entry.test(i++)) {
        wanted.put(e.getKey(), new String(e.getValue(), StandardCharsets.UTF_8));
      }
    }
    return wanted;
  }

  private SortedMap<String, String> all() {
    return wanted(i -> true);
  }

  @Test
  void keepsEachWholeEntryWhereverTheFileWasCut() throws IOException {
    for (int cut = 0; cut < whole.length; cut++) {
      int length = cut;
      byte[] torn = Arrays.copyOf(whole, length);
      Merging at = baseWith(torn);
      MergeOutcome outcome = at.merge();
      SortedMap<String, String> wanted = wanted(i -> ends.get(i) <= length);
      assertThat(at.entries()).as("cut at " + cut).isEqualTo(wanted);
      assertThat(at.verify().sound()).isTrue();
      assertThat(Merging.files(at.base.inbox())).isEmpty();
      assertThat(outcome.settled()).containsExactly(new MergeOutcome.Settled(W, 1));
      Quarantine.Item kept = assertOneKept(at);
      assertThat(Files.readAllBytes(kept.path())).isEqualTo(torn);
      assertThat(kept.path().getFileName().toString().endsWith(DamagedBatch.DAMAGED))
          .isEqualTo(!wanted.isEmpty());
      deleteAll(at);
    }
    System.out.println("cuts of a closed batch: " + whole.length);
  }

  private static Quarantine.Item assertOneKept(Merging at) throws IOException {
    assertThat(at.quarantined()).hasSize(1);
    assertThat(at.quarantined().get(0).reason()).isNotBlank();
    return at.quarantined().get(0);
  }

  private static void deleteAll(Merging at) throws IOException {
    for (Path file : Merging.files(at.root)) {
      Files.delete(file);
    }
  }

  /** One bit of each byte: what was not hit is merged, what was hit is merged or its bytes kept. */
  @Test
  void whateverBitIsFlippedTheOtherEntriesAreMerged() throws IOException {
    int version = field("version");
    for (int i = 0; i < whole.length; i++) {
      byte[] flipped = whole.clone();
      flipped[i] ^= (byte) (1 << i % 7);
      Merging at = baseWith(flipped);
      at.merge();
      int hit = hit(i);
      SortedMap<String, String> merged = at.entries();
      String said = "flip in byte " + i + " of entry " + hit;
      boolean newer = i == version;
      if (!newer) {
        assertThat(merged).as(said).containsAllEntriesOf(wanted(n -> n != hit));
        assertThat(merged.size()).as(said).isLessThanOrEqualTo(model.size());
      }
      if (merged.size() < model.size()) {
        assertThat(at.quarantined()).as(said).isNotEmpty();
      }
      assertThat(merged).as(said).doesNotContainKeys("inside", "in2");
      assertThat(at.verify().sound()).as(said).isTrue();
      assertThat(Merging.files(at.base.inbox())).isEmpty();
      deleteAll(at);
    }
    System.out.println("flipped bits of a closed batch: " + whole.length);
  }

  /** The entry whose header, contents or directory record a byte belongs to; -1 for the end. */
  private int hit(int at) {
    if (at < region) {
      return (int) ends.stream().filter(end -> end <= at).count();
    }
    int record = region;
    for (int i = 0; i < model.size(); i++) {
      record = indexOf(whole, new byte[] {'P', 'K', 1, 2}, record) + 4;
      boolean last = i == model.size() - 1;
      int next = last ? directoryEnd : indexOf(whole, new byte[] {'P', 'K', 1, 2}, record);
      if (at < next) {
        return i;
      }
    }
    return -1;
  }

  @Test
  void allIsKeptOfABatchWhoseEndWasOverwritten() throws IOException {
    int[][] places = {
      {region, directoryEnd}, // the directory
      {region, whole.length}, // all that follows the region
      {directoryEnd, whole.length}, // end record and manifest
      {directoryEnd, directoryEnd + 22}, // the end record
      {directoryEnd + 22, whole.length}, // the manifest
      {region + 50, region + 60},
    };
    for (int[] place : places) {
      for (int with : new int[] {0, 0xFF, 'P'}) {
        byte[] damaged = whole.clone();
        Arrays.fill(damaged, place[0], place[1], (byte) with);
        Merging at = baseWith(damaged);
        at.merge();
        assertThat(at.entries()).as(Arrays.toString(place)).isEqualTo(all());
        assertThat(at.verify().sound()).isTrue();
        assertThat(Files.readAllBytes(assertOneKept(at).path())).isEqualTo(damaged);
      }
    }
  }

  @Test
  void theLastSectorsLostTakeTheirEntriesOnly() throws IOException {
    for (int from = 0; from < whole.length; from += 64) {
      byte[] damaged = whole.clone();
      Arrays.fill(damaged, from, whole.length, (byte) 0);
      int kept = from;
      Merging at = baseWith(damaged);
      at.merge();
      // An entry without contents may be read where its header ends in zeros as they were.
      assertThat(at.entries()).containsAllEntriesOf(wanted(i -> ends.get(i) <= kept));
      assertThat(all()).containsAllEntriesOf(at.entries());
      assertThat(at.verify().sound()).isTrue();
      assertOneKept(at);
    }
  }

  /**
   * Of a batch without directory the headers alone say how long an entry is. Whatever bit of one is
   * flipped, what lies in the zip that it stores is no entry of the batch.
   */
  @Test
  void neverTakesAnEntryOfAZipThatIsStored() throws IOException {
    int flips = 0;
    for (int entry : new int[] {1, 4}) {
      int start = ends.get(entry - 1);
      int header = 30 + List.copyOf(model.keySet()).get(entry).length();
      for (int bit = 0; bit < 8 * header; bit++) {
        byte[] damaged = Arrays.copyOf(whole, region);
        damaged[start + bit / 8] ^= (byte) (1 << bit % 8);
        Merging at = baseWith(damaged);
        at.merge();
        assertThat(at.entries()).as("bit " + bit).doesNotContainKeys("inside", "in2");
        assertThat(at.entries()).containsAllEntriesOf(wanted(i -> i < entry));
        assertThat(at.verify().sound()).isTrue();
        deleteAll(at);
        flips++;
      }
    }
    System.out.println("flipped bits of headers before stored zips: " + flips);
  }

  /** Cut where the contents end that are a whole batch: its end is not that of the file. */
  @Test
  void theEndOfAStoredBatchIsNotTheEndOfTheFile() throws IOException {
    byte[] inner = new HostileBatch(W, 1).entry("inside", "1").bytes();
    byte[] outer = new HostileBatch(W, 1).entry(bytes("inner.zip"), inner, e -> {}).bytes();
    byte[] cut = Arrays.copyOf(outer, 30 + "inner.zip".length() + inner.length);
    Merging at = baseWith(cut);
    at.merge();
    assertThat(at.entries()).containsOnlyKeys("inner.zip");
    // Here the inner batch says a length that is right in the outer file, as one does that was
    // made for it, and the outer header is torn.
    byte[] torn = cut.clone();
    torn[0] = 0;
    Merging second = baseWith(torn);
    second.merge();
    assertThat(second.entries()).isEmpty();
    assertThat(Files.readAllBytes(assertOneKept(second).path())).isEqualTo(torn);
  }

  @Test
  void aCrashAnywhereGivesTheSameInTheEnd() throws IOException {
    byte[] torn = Arrays.copyOf(whole, ends.get(3) + 20);
    SortedMap<String, String> wanted = wanted(i -> i <= 3);
    int states = 0;
    boolean crashed = true;
    for (int n = 1; crashed; n++) {
      crashed = crashedAt(torn, wanted, n);
      states++;
      for (int m = 1 + n % 2; crashed && crashedAt(torn, wanted, n, m); m += 2) {
        states++;
      }
    }
    assertThat(states).isGreaterThan(100);
    System.out.println("crash states of the salvage of a closed batch: " + states);
  }

  private boolean crashedAt(byte[] torn, SortedMap<String, String> wanted, int... crashes)
      throws IOException {
    Merging at = baseWith(torn);
    boolean happened = false;
    for (int n : crashes) {
      FaultyDisk faulty = FaultyDisk.crashing(at.healthy, n);
      try {
        at.merge(faulty.disk());
      } catch (IOException e) {
        assertThat(faulty.happened()).isTrue();
      } finally {
        faulty.endProcess();
      }
      happened = faulty.happened();
    }
    at.merge();
    at.assertMerged(wanted);
    assertThat(Files.readAllBytes(assertOneKept(at).path())).isEqualTo(torn);
    assertThat(Merging.files(at.base.quarantines())).hasSize(2);
    assertThat(SessionTotals.of(at.healthy, at.base, "s").salvagedBatches()).isEqualTo(1);
    assertThat(SessionTotals.of(at.healthy, at.base, "s").entries()).isEqualTo(wanted.size());
    deleteAll(at);
    return happened;
  }

  @Test
  void whatIsLeftOfTheManifestIsKept() throws IOException {
    HostileBatch batch = new HostileBatch(W, 1);
    batch.session = "long ago";
    byte[] damaged = batch.entry("a", "1").bytes();
    damaged[indexOf(damaged, new byte[] {'P', 'K', 1, 2})] = 0;
    Merging at = baseWith(damaged);
    Path path = at.base.inbox(ARCHIVE).resolve(W + "-1.zip");
    DamagedBatch salvage = new DamagedBatch(at.healthy, at.base, "c-1-aaaaaa", "s");
    assertThat(salvage.salvage(ARCHIVE, path, "torn")).isPresent();
    Manifest manifest = BatchFile.read(at.healthy, path).manifest();
    assertThat(manifest.session()).isEqualTo("long ago");
    assertThat(manifest.closed()).isEqualTo(Merging.NOW + 1);
    assertThat(manifest.salvaged()).isEqualTo(new Manifest.Salvaged("c-1-aaaaaa", 0, 0));
  }

  /** Not every zip with a number in its name is a batch, and not every batch is this Sheaf's. */
  @Test
  void takesNothingApartThatIsNoDamagedBatch() throws IOException {
    byte[] torn = Arrays.copyOf(whole, region);
    Merging at = new Merging(root.resolve("others"));
    put(at, "photos-2024.zip", torn);
    put(at, W + "-0.zip", torn);
    byte[] newer = whole.clone();
    newer[field("version")] = '9';
    put(at, W + "-1.zip", newer);
    put(at, W + "-2.zip", bytes("no zip at all"));
    // It says that it is another one, so nobody knows which it is.
    byte[] unclear = whole.clone();
    unclear[region] = 0;
    put(at, W + "-3.zip", unclear);
    assertThat(at.merge().entries()).isZero();
    assertThat(at.quarantined()).hasSize(5);
    assertThat(at.quarantined().stream().map(item -> item.path().getFileName().toString()))
        .containsExactlyInAnyOrder(
            "photos-2024.zip", W + "-0.zip", W + "-1.zip", W + "-2.zip", W + "-3.zip");
  }

  /** A manifest with a flipped bit must not make this batch another one. */
  @Test
  void aBatchThatSaysItIsAnotherOneIsStillThisOne() throws IOException {
    byte[] flipped = whole.clone();
    flipped[field("seq")] = '3';
    Merging at = baseWith(flipped);
    assertThat(at.merge().settled()).containsExactly(new MergeOutcome.Settled(W, 1));
    assertThat(at.entries()).isEqualTo(all());
    new HostileBatch(W, 3).entry("third", "3").in(at);
    at.merge();
    assertThat(at.entries()).containsEntry("third", "3");
  }

  /** For a minute that is what an attribute cache does; then the file was cut. */
  @Test
  void aPublishedBatchThatStaysShortIsSalvaged() throws IOException {
    Merging at = baseWith(whole);
    Path path = at.base.inbox(ARCHIVE).resolve(W + "-1.zip");
    PendingBatch published = at.published(path);
    Files.write(path, Arrays.copyOf(whole, ends.get(2)));
    assertThat(at.merge(published).missing()).containsExactly(published);
    assertThat(at.quarantined()).isEmpty();
    assertThat(path.toFile().setLastModified(System.currentTimeMillis() - 61_000)).isTrue();
    MergeOutcome outcome = at.merge(published);
    assertThat(outcome.missing()).isEmpty();
    assertThat(outcome.settled()).containsExactly(new MergeOutcome.Settled(W, 1));
    at.assertMerged(wanted(i -> i <= 2));
    assertOneKept(at);
  }
}
