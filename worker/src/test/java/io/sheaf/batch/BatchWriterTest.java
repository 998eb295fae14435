package io.sheaf.batch;

import static io.sheaf.batch.BatchFixture.NOW;
import static io.sheaf.batch.BatchFixture.assertSame;
import static io.sheaf.batch.BatchFixture.bytes;
import static io.sheaf.batch.BatchFixture.entry;
import static io.sheaf.batch.BatchFixture.read;
import static io.sheaf.batch.BatchFixture.stream;
import static io.sheaf.batch.BatchFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.disk.ChildProcess;
import io.sheaf.disk.Disk;
import io.sheaf.disk.FaultyDisk;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchWriterTest {
  private static final int[] SIZES = {0, 1, 65_535, 65_536, 65_537, 3 << 20};

  @TempDir private Path root;

  private static Map<String, byte[]> fill(BatchWriter batch, Compression compression)
      throws IOException {
    Map<String, byte[]> model = new LinkedHashMap<>();
    for (int size : SIZES) {
      byte[] contents = bytes(size, size);
      model.put("appended/" + size, contents);
      batch.append(List.of(entry("appended/" + size, contents, compression)));
      model.put("known/ü" + size, contents);
      stream(batch, "known/ü" + size, contents, size, 10_000);
      model.put("unknown/" + size, contents);
      stream(batch, "unknown/" + size, contents, -1, 1 << 20);
    }
    return model;
  }

  @ParameterizedTest
  @EnumSource
  void sealsWhatWasAppendedAndStreamed(Compression compression) throws IOException {
    BatchFixture at = new BatchFixture(root);
    BatchWriter batch = at.open(at.healthy, 3, compression);
    Map<String, byte[]> model = fill(batch, compression);
    PendingBatch sealed = batch.seal();
    assertSame(read(at.sealed(3)), model);
    Manifest manifest = at.checkedManifest(at.sealed(3));
    assertThat(sealed.manifest()).isEqualTo(manifest);
    assertThat(sealed.size()).isEqualTo(Files.size(at.sealed(3)));
    assertThat(root.resolve(sealed.path())).isEqualTo(at.sealed(3));
    assertThat(manifest.worker()).isEqualTo(BatchFixture.WORKER);
    assertThat(manifest.archive()).isEqualTo(BatchFixture.ARCHIVE);
    assertThat(manifest.session()).isEqualTo("s");
    assertThat(manifest.seq()).isEqualTo(3);
    assertThat(manifest.opened()).isEqualTo(NOW);
    assertThat(manifest.closed()).isEqualTo(NOW);
    assertThat(manifest.salvaged()).isNull();
    assertThat(Files.exists(at.part(3))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"python3 -m zipfile -t", "unzip -tq", "7z t", "bsdtar -tf"})
  void otherReadersTakeIt(String reader) throws IOException, InterruptedException {
    String program = reader.substring(0, reader.indexOf(' '));
    boolean there =
        Path.of("/usr/bin", program).toFile().canExecute()
            || Path.of("/bin", program).toFile().canExecute();
    Assumptions.assumeThat(there).as(program + " is installed").isTrue();
    BatchFixture at = new BatchFixture(root);
    BatchWriter batch = at.open(at.healthy, 1, Compression.DEFLATED);
    fill(batch, Compression.STORED);
    batch.append(List.of(entry("long/" + "n".repeat(200), text("x"), Compression.STORED)));
    batch.seal();
    Path log = root.resolve("log");
    Process process =
        new ProcessBuilder((reader + " " + at.sealed(1)).split(" ", -1))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
  }

  @Test
  void theSameInputGivesTheSameBytes() throws IOException {
    byte[][] found = new byte[2][];
    for (int i = 0; i < 2; i++) {
      BatchFixture at = new BatchFixture(root.resolve("base" + i));
      BatchWriter batch = at.open(at.healthy, 1, Compression.DEFLATED);
      fill(batch, Compression.DEFLATED);
      batch.seal();
      found[i] = Files.readAllBytes(at.sealed(1));
    }
    assertThat(found[0]).isEqualTo(found[1]);
  }

  @Test
  void anAbortedEntryIsCutBack() throws IOException {
    BatchFixture at = new BatchFixture(root);
    BatchWriter batch = at.open(at.healthy, 1, Compression.STORED);
    batch.append(List.of(entry("a", text("one"), Compression.STORED)));
    long length = batch.length();
    EntryWriter entry = batch.begin("b", NOW, -1);
    entry.write(ByteBuffer.wrap(bytes(100_000, 1)));
    assertThatThrownBy(() -> batch.append(List.of())).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(batch::seal).isInstanceOf(IllegalStateException.class);
    entry.abort();
    entry.abort();
    assertThat(Files.size(at.part(1))).isEqualTo(length);
    EntryWriter wrong = batch.begin("c", NOW, 5);
    wrong.write(ByteBuffer.wrap(text("four")));
    assertThatThrownBy(wrong::commit).isInstanceOf(IOException.class);
    stream(batch, "d", text("two"), 3, 2);
    batch.seal();
    assertThat(read(at.sealed(1))).containsOnlyKeys("a", "d");
    at.checkedManifest(at.sealed(1));
  }

  @Test
  void theLockIsHeldWhileTheBatchIsOpen() throws IOException {
    BatchFixture at = new BatchFixture(root);
    BatchWriter batch = at.open(at.healthy, 1, Compression.STORED);
    batch.append(List.of(entry("a", text("one"), Compression.STORED)));
    assertThatThrownBy(() -> at.open(at.healthy, 1, Compression.STORED))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(ChildProcess.couldLock(at.part(1))).isFalse();
    assertThat(at.salvager(at.healthy).salvage(at.parts().get(0), "s")).isEmpty();
    batch.seal();
    assertThat(read(at.sealed(1))).containsOnlyKeys("a");
  }

  @Test
  void abandonRemovesAnEmptyBatchOnly() throws IOException {
    BatchFixture at = new BatchFixture(root);
    at.open(at.healthy, 1, Compression.STORED).abandon();
    BatchWriter batch = at.open(at.healthy, 2, Compression.STORED);
    batch.append(List.of(entry("a", text("one"), Compression.STORED)));
    batch.abandon();
    assertThat(at.parts()).extracting(OpenPart::seq).containsExactly(2L);
  }

  /** A failure of each operation in turn: what was acknowledged is sealed, and nothing else. */
  @Test
  void aFailureLosesNothingThatWasAcknowledged() throws IOException {
    int n = 0;
    boolean happened = true;
    while (happened) {
      n++;
      BatchFixture at = new BatchFixture(root.resolve("base" + n));
      FaultyDisk faulty = FaultyDisk.failingOnce(at.healthy, n);
      scenario(at, faulty.disk(), n);
      happened = faulty.happened();
      faulty.endProcess();
    }
    assertThat(n).isGreaterThan(15);
    System.out.println("failures of one operation while a batch is written: " + (n - 1));
  }

  private static void scenario(BatchFixture at, Disk disk, int n) throws IOException {
    BatchWriter batch;
    try {
      batch = at.open(disk, 1, Compression.STORED);
    } catch (IOException e) {
      return;
    }
    Map<String, byte[]> acknowledged = new LinkedHashMap<>();
    for (int i = 0; i < 3; i++) {
      byte[] contents = bytes(2000 * i, i);
      try {
        batch.append(List.of(entry("a" + i, contents, Compression.STORED)));
        acknowledged.put("a" + i, contents);
        batch.sync();
      } catch (IOException e) {
        assertThat(e).as("at " + n).hasMessageMatching("injected fault.*|.*takes no more entries");
      }
      if (streamed(batch, "s" + i, contents)) {
        acknowledged.put("s" + i, contents);
      }
    }
    sealAtLast(batch);
    assertSame(read(at.sealed(1)), acknowledged);
    at.checkedManifest(at.sealed(1));
    assertThat(at.healthy.list(at.base.inbox(BatchFixture.ARCHIVE))).hasSize(1);
  }

  private static boolean streamed(BatchWriter batch, String name, byte[] contents)
      throws IOException {
    EntryWriter entry;
    try {
      entry = batch.begin(name, NOW, -1);
    } catch (IOException e) {
      return false;
    }
    try {
      entry.write(ByteBuffer.wrap(contents));
      entry.commit();
      return true;
    } catch (IOException e) {
      entry.abort();
      return false;
    }
  }

  private static void sealAtLast(BatchWriter batch) throws IOException {
    try {
      batch.seal();
    } catch (IOException e) {
      assertThat(batch.isBroken()).isTrue();
      batch.seal();
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // what a property is given, never compared
  record Deposit(String name, byte[] contents, boolean streamed, boolean aborted) {}

  @Provide
  Arbitrary<List<Deposit>> deposits() {
    Arbitrary<byte[]> contents =
        Combinators.combine(
                Arbitraries.frequencyOf(
                    Tuple.of(5, Arbitraries.integers().between(0, 200)),
                    Tuple.of(1, Arbitraries.integers().between(0, 700_000))),
                Arbitraries.longs())
            .as(BatchFixture::bytes);
    return Combinators.combine(
            Arbitraries.strings().withCharRange('!', 'ÿ').ofMinLength(1).ofMaxLength(30),
            contents,
            Arbitraries.of(true, false),
            Arbitraries.integers().between(0, 4).map(i -> i == 0))
        .as(Deposit::new)
        .list()
        .ofMaxSize(12)
        .uniqueElements(Deposit::name);
  }

  @Property(tries = 40)
  void aSealedBatchEqualsItsModel(
      @ForAll("deposits") List<Deposit> deposits, @ForAll Compression compression)
      throws IOException {
    Path directory = Files.createTempDirectory("batch");
    BatchFixture at = new BatchFixture(directory);
    BatchWriter batch = at.open(at.healthy, 1, compression);
    Map<String, byte[]> model = new LinkedHashMap<>();
    for (Deposit d : deposits) {
      if (d.aborted()) {
        EntryWriter entry = batch.begin(d.name(), NOW, -1);
        entry.write(ByteBuffer.wrap(d.contents()));
        entry.abort();
        continue;
      }
      model.put(d.name(), d.contents());
      if (d.streamed()) {
        stream(batch, d.name(), d.contents(), d.contents().length, 5000);
      } else {
        batch.append(List.of(entry(d.name(), d.contents(), compression)));
      }
    }
    batch.seal();
    assertSame(read(at.sealed(1)), model);
    at.checkedManifest(at.sealed(1));
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    }
  }
}
