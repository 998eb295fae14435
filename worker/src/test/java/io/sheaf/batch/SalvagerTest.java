package io.sheaf.batch;

import static io.sheaf.batch.BatchFixture.ARCHIVE;
import static io.sheaf.batch.BatchFixture.NOW;
import static io.sheaf.batch.BatchFixture.assertSame;
import static io.sheaf.batch.BatchFixture.bytes;
import static io.sheaf.batch.BatchFixture.entry;
import static io.sheaf.batch.BatchFixture.read;
import static io.sheaf.batch.BatchFixture.stream;
import static io.sheaf.batch.BatchFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.disk.ChildProcess;
import io.sheaf.disk.FaultyDisk;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.LocalHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SalvagerTest {
  @TempDir private Path root;

  /** The bytes of a sealed batch, what is in it, and where each entry ends. */
  private byte[] whole = {};

  private final Map<String, byte[]> model = new LinkedHashMap<>();
  private final List<Long> ends = new ArrayList<>();

  @BeforeEach
  void writeABatch() throws IOException {
    BatchFixture at = new BatchFixture(root.resolve("source"));
    BatchWriter inner = at.open(at.healthy, 7, Compression.STORED);
    inner.append(List.of(entry("inside", text("not an entry of the batch"), Compression.STORED)));
    inner.seal();
    model.put("small", text("small"));
    model.put("inner.zip", Files.readAllBytes(at.sealed(7)));
    model.put("empty", new byte[0]);
    model.put("deflated", bytes(300, 1));
    model.put("streamed", bytes(150, 2));
    BatchWriter batch = at.open(at.healthy, 1, Compression.DEFLATED);
    for (String name : model.keySet()) {
      byte[] contents = model.getOrDefault(name, new byte[0]);
      if (name.equals("streamed")) {
        stream(batch, name, contents, -1, 100);
      } else {
        Compression compression =
            name.equals("deflated") ? Compression.DEFLATED : Compression.STORED;
        batch.append(List.of(entry(name, contents, compression)));
      }
      ends.add(batch.length());
    }
    batch.seal();
    whole = Files.readAllBytes(at.sealed(1));
  }

  private BatchFixture baseWith(String name, byte[] part) throws IOException {
    BatchFixture at = new BatchFixture(root.resolve(name));
    Files.createDirectories(at.base.inbox(ARCHIVE));
    Files.write(at.part(1), part);
    return at;
  }

  private Map<String, byte[]> entriesBefore(long cut) {
    Map<String, byte[]> before = new LinkedHashMap<>();
    int i = 0;
    for (Map.Entry<String, byte[]> entry : model.entrySet()) {
      if (ends.get(i++) <= cut) {
        before.put(entry.getKey(), entry.getValue());
      }
    }
    return before;
  }

  private static Optional<PendingBatch> salvage(BatchFixture at) throws IOException {
    return at.salvager(at.healthy).salvage(at.parts().get(0), "s");
  }

  private static List<Quarantine.Item> quarantined(BatchFixture at) throws IOException {
    return new Quarantine(at.healthy, at.base).items();
  }

  /** It sees local headers only, and the directory that it writes must say the same. */
  @Test
  void keepsModesOwnersAndIds() throws IOException {
    BatchFixture at = new BatchFixture(root.resolve("attributes"));
    Attributes[] all = {
      Attributes.FILE,
      Attributes.of(0104755),
      Attributes.of(0120777).withOwner(70_000, 5),
      Attributes.FILE.withOwner(-2, -3)
    };
    BatchWriter batch = at.open(at.healthy, 1, Compression.STORED);
    for (int i = 0; i < all.length; i++) {
      DepositId id = i % 2 == 0 ? DepositId.of("d" + i) : null;
      ByteBuffer contents = ByteBuffer.wrap(text("x" + i));
      batch.append(
          List.of(PreparedEntry.of(null, "e" + i, NOW, all[i], id, contents, Compression.STORED)));
      EntryWriter streamed = batch.begin(null, "s" + i, NOW, all[i], id, -1);
      streamed.write(ByteBuffer.wrap(text("y")));
      streamed.commit();
    }
    batch.append(
        List.of(
            PreparedEntry.of(
                null,
                "d/",
                NOW,
                Attributes.of(0040700),
                null,
                ByteBuffer.allocate(0),
                Compression.DEFLATED)));
    batch.sync();
    batch.abandon();
    assertThat(salvage(at)).isPresent();
    BatchFile salvaged = BatchFile.read(at.healthy, at.sealed(1));
    DirectoryCursor record = new DirectoryCursor(salvaged.directory());
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(at.sealed(1)));
    for (int i = 0; i < all.length; i++) {
      for (String name : List.of("e" + i, "s" + i)) {
        assertThat(record.next()).isTrue();
        assertThat(record.nameText()).isEqualTo(name);
        assertThat(record.attributes()).isEqualTo(all[i]);
        LocalHeader local = new LocalHeader();
        local.read(file, (int) record.offset());
        assertThat(local.attributes()).isEqualTo(all[i]);
        assertThat(local.depositId()).isEqualTo(i % 2 == 0 ? DepositId.of("d" + i) : null);
      }
    }
    assertThat(record.next()).isTrue();
    assertThat(record.attributes()).isEqualTo(Attributes.of(0040700));
    assertThat(record.next()).isFalse();
  }

  @Test
  void keepsEachWholeEntryWhereverTheFileWasCut() throws IOException {
    long region = ends.get(ends.size() - 1);
    BatchFixture at = baseWith("cuts", new byte[0]);
    for (int cut = 0; cut <= whole.length; cut++) {
      Files.write(at.part(1), Arrays.copyOf(whole, cut));
      Optional<PendingBatch> salvaged = salvage(at);
      Map<String, byte[]> wanted = entriesBefore(cut);
      assertThat(salvaged.isPresent()).as("cut at " + cut).isEqualTo(!wanted.isEmpty());
      if (salvaged.isPresent()) {
        assertSame(read(at.sealed(1)), wanted);
        assertThat(at.checkedManifest(at.sealed(1))).isEqualTo(salvaged.get().manifest());
      }
      long end = cut >= region ? region : lastEnd(cut);
      // Less than a signature cannot be told from the beginning of an entry.
      boolean torn = cut > end && cut < region + 4;
      assertThat(quarantined(at)).as("cut at " + cut).hasSize(torn ? 1 : 0);
      if (torn) {
        Quarantine.Item item = quarantined(at).get(0);
        assertThat(item.reason()).contains("worker died");
        assertThat(Files.readAllBytes(item.path()))
            .isEqualTo(Arrays.copyOfRange(whole, (int) end, cut));
        Files.delete(item.path());
      }
      assertThat(at.parts()).isEmpty();
      Files.deleteIfExists(at.sealed(1));
    }
    System.out.println("cuts of a batch: " + (whole.length + 1));
  }

  private long lastEnd(long cut) {
    return ends.stream().mapToLong(e -> e).filter(e -> e <= cut).max().orElse(0);
  }

  @Test
  void anEntryThatWasStillStreamedIsTorn() throws IOException {
    for (long size : new long[] {-1, 500}) {
      BatchFixture at = new BatchFixture(root.resolve("streamed" + size));
      BatchWriter batch = at.open(at.healthy, 1, Compression.STORED);
      batch.append(List.of(entry("a", text("a"), Compression.STORED)));
      EntryWriter open = batch.begin("b", NOW, size);
      open.write(ByteBuffer.wrap(bytes(500, 1)));
      batch.abandon();
      Manifest manifest = salvage(at).orElseThrow().manifest();
      assertThat(read(at.sealed(1))).containsOnlyKeys("a");
      assertThat(manifest.salvaged()).isNotNull();
      assertThat(quarantined(at)).hasSize(1);
    }
  }

  @Test
  void anEntryThatIsDamagedInTheMiddleIsKeptAside() throws IOException {
    int inside = Math.toIntExact(ends.get(0)) + 100;
    byte[] damaged = Arrays.copyOf(whole, Math.toIntExact(ends.get(4)));
    damaged[inside] ^= 1;
    BatchFixture at = baseWith("damaged", damaged);
    Manifest manifest = salvage(at).orElseThrow().manifest();
    assertThat(read(at.sealed(1))).containsOnlyKeys("small", "empty", "deflated", "streamed");
    assertThat(manifest.salvaged()).isEqualTo(new Manifest.Salvaged("coordinator-1-zzzzzz", 0, 1));
    assertThat(quarantined(at)).hasSize(1);
    assertThat(Files.readAllBytes(quarantined(at).get(0).path()))
        .isEqualTo(Arrays.copyOfRange(damaged, ends.get(0).intValue(), ends.get(1).intValue()));
  }

  @Test
  void aBatchThatIsHeldIsLeftAlone() throws IOException {
    BatchFixture at = baseWith("held", whole);
    OpenPart part = at.parts().get(0);
    try (ChildProcess owner = ChildProcess.holding(at.part(1))) {
      assertThat(salvage(at)).isEmpty();
      assertThat(Files.readAllBytes(at.part(1))).isEqualTo(whole);
      assertThat(owner.isAlive()).isTrue();
    }
    assertThat(salvage(at)).isPresent();
    assertThat(at.salvager(at.healthy).salvage(part, "s")).isEmpty();
  }

  @Test
  void aCrashAnywhereLeavesOneBatchAfterTheNextSalvage() throws IOException {
    byte[] torn = Arrays.copyOf(whole, Math.toIntExact(ends.get(4)) - 3);
    Map<String, byte[]> wanted = entriesBefore(torn.length);
    int states = 0;
    boolean crashed = true;
    for (int n = 1; crashed; n++) {
      crashed = crashedAt(n, Integer.MAX_VALUE, torn, wanted);
      boolean again = crashed;
      for (int m = 1; again; m++) {
        again = crashedAt(n, m, torn, wanted);
        states++;
      }
    }
    assertThat(states).isGreaterThan(100);
    System.out.println("crashes of a salvage, and of the next one: " + states);
  }

  private boolean crashedAt(int first, int second, byte[] torn, Map<String, byte[]> wanted)
      throws IOException {
    BatchFixture at = baseWith("crash-" + first + "-" + second, torn);
    boolean crashed = salvageUntil(at, first);
    if (crashed && second != Integer.MAX_VALUE) {
      crashed = salvageUntil(at, second);
    }
    for (OpenPart part : at.parts()) {
      at.salvager(at.healthy).salvage(part, "s");
    }
    assertSame(read(at.sealed(1)), wanted);
    at.checkedManifest(at.sealed(1));
    assertThat(at.healthy.list(at.base.inbox(ARCHIVE))).hasSize(1);
    assertThat(quarantined(at)).hasSize(1);
    assertThat(at.healthy.list(at.base.quarantine(ARCHIVE))).hasSize(2);
    return crashed;
  }

  private static boolean salvageUntil(BatchFixture at, int n) throws IOException {
    FaultyDisk faulty = FaultyDisk.crashing(at.healthy, n);
    try {
      for (OpenPart part : at.parts()) {
        at.salvager(faulty.disk()).salvage(part, "s");
      }
    } catch (IOException e) {
      assertThat(faulty.happened()).isTrue();
    } finally {
      faulty.endProcess();
    }
    return faulty.happened();
  }
}
