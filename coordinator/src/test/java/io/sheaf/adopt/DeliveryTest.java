package io.sheaf.adopt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.batch.BatchWriter;
import io.sheaf.batch.Compression;
import io.sheaf.batch.MixedPart;
import io.sheaf.batch.PreparedEntry;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.ForwardingDisk;
import io.sheaf.tree.Manifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches that transports bring: twice, out of order, torn, under a number that is taken. */
class DeliveryTest {
  private static final String W = "node7-4711-a1b2c3";

  @TempDir private Path root;
  @TempDir private Path elsewhere;
  private Adopting at;
  private Adopting sender;

  @BeforeEach
  void begin() throws IOException {
    at = new Adopting(root);
    sender = new Adopting(elsewhere);
  }

  private byte[] batch(long seq, String name, String contents) throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("s", W, "a.zip", seq);
    Clock clock = Clock.fixed(Instant.ofEpochSecond(1_800_000_000 + seq), ZoneOffset.UTC);
    BatchWriter batch =
        BatchWriter.open(sender.disk, sender.base, origin, Compression.STORED, false, clock);
    ByteBuffer bytes = ByteBuffer.wrap(contents.getBytes(UTF_8));
    batch.append(List.of(PreparedEntry.of(name, 0, bytes, Compression.STORED)));
    Path path = elsewhere.resolve(batch.seal().path());
    byte[] all = Files.readAllBytes(path);
    Files.delete(path);
    return all;
  }

  private byte[] mixed() throws IOException {
    BatchWriter.Origin origin = new BatchWriter.Origin("s", W, Manifest.MIXED, 1);
    BatchWriter batch =
        BatchWriter.open(
            sender.disk, sender.base, origin, Compression.STORED, false, Clock.systemUTC());
    for (String archive : List.of("a.zip", "b.zip")) {
      ByteBuffer bytes = ByteBuffer.wrap(archive.getBytes(UTF_8));
      MixedPart part = new MixedPart(archive, 7);
      batch.append(List.of(PreparedEntry.of(part, "m", 0, bytes, Compression.STORED)));
    }
    Path path = elsewhere.resolve(batch.seal().path());
    return Files.readAllBytes(path);
  }

  private Delivery.Outcome deliver(byte[] bytes) throws IOException {
    return at.delivery().deliver(new ByteArrayInputStream(bytes), "it", 5).outcome();
  }

  @Test
  void aBatchIsTakenOnce() throws Exception {
    byte[] batch = batch(1, "x", "1");
    assertThat(deliver(batch)).isEqualTo(Delivery.Outcome.TAKEN);
    assertThat(deliver(batch)).isEqualTo(Delivery.Outcome.THERE);
    at.merge();
    assertThat(deliver(batch)).isEqualTo(Delivery.Outcome.MERGED);
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("x", "1"));
    at.assertSound();
  }

  @Test
  void outOfOrderTheyAreMergedInTheOrderOfTheirTimes() throws Exception {
    deliver(batch(3, "x", "3"));
    deliver(batch(1, "x", "1"));
    deliver(batch(2, "x", "2"));
    at.merge();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("x", "1", "x~2", "2", "x~3", "3"));
    at.assertSound();
  }

  @Test
  void aBatchOfSeveralArchivesIsTakenOnce() throws Exception {
    byte[] batch = mixed();
    assertThat(deliver(batch)).isEqualTo(Delivery.Outcome.TAKEN);
    assertThat(deliver(batch)).isEqualTo(Delivery.Outcome.THERE);
    at.merge();
    assertThat(deliver(batch)).isEqualTo(Delivery.Outcome.MERGED);
    assertThat(at.entries("b.zip")).isEqualTo(Map.of("m", "b.zip"));
    at.assertSound();
  }

  @Test
  void anotherBatchUnderItsNumberIsKeptAndReported() throws Exception {
    deliver(batch(1, "x", "1"));
    assertThat(deliver(batch(1, "y", "2"))).isEqualTo(Delivery.Outcome.TAKEN);
    at.merge();
    assertThat(at.entries("a.zip")).hasSize(1);
    assertThat(at.quarantined()).hasSize(1);
    assertThat(at.quarantined().get(0).reason()).contains("another batch");
    at.assertSound();
  }

  /** What had its name is put into quarantine just before it is looked at. */
  private Delivery.Outcome deliverWhileTheFirstIsPutAside(byte[] bytes) throws IOException {
    Disk racing =
        new ForwardingDisk(at.disk) {
          private boolean done;

          @Override
          public DiskFile openForWrite(Path path) throws IOException {
            if (!done && path.startsWith(at.base.inbox())) {
              done = true;
              String archive = String.valueOf(at.base.inbox().relativize(path).getParent());
              new Quarantine(at.disk, at.base).move(archive, path, "damaged");
            }
            return super.openForWrite(path);
          }
        };
    return new Delivery(racing, at.base, Clock.systemUTC())
        .deliver(new ByteArrayInputStream(bytes), "it", 5)
        .outcome();
  }

  @Test
  void aBatchIsTakenWhoseDamagedCopyIsPutAsideMeanwhile() throws Exception {
    byte[] batch = batch(1, "x", "1");
    byte[] damaged = batch.clone();
    damaged[31] ^= 1;
    deliver(batch);
    Path there = at.base.inbox("a.zip").resolve(W + "-1.zip");
    Files.write(there, damaged);
    assertThat(deliverWhileTheFirstIsPutAside(batch)).isEqualTo(Delivery.Outcome.TAKEN);
    at.merge();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("x", "1"));
  }

  @Test
  void aZipIsTakenWhoseDamagedCopyIsPutAsideMeanwhile() throws Exception {
    byte[] zip = new RearZip().add("a.zip/x", "contents").closed();
    deliver(zip);
    Path there = Adopting.files(at.base.inbox(Manifest.MIXED)).get(0);
    byte[] damaged = zip.clone();
    damaged[40] ^= 1;
    Files.write(there, damaged);
    assertThat(deliverWhileTheFirstIsPutAside(zip)).isEqualTo(Delivery.Outcome.ASIDE);
    assertThat(at.quarantined()).hasSize(2);
  }

  @Test
  void whatIsTornOrDamagedIsRefused() throws Exception {
    byte[] batch = batch(1, "x", "1");
    byte[] flipped = batch.clone();
    flipped[31] ^= 1;
    byte[] bad = new RearZip().add("a.zip/x", "contents").closed();
    bad[40] ^= 1;
    for (byte[] each :
        List.of(
            Arrays.copyOf(batch, batch.length - 1),
            flipped,
            bad,
            new RearZip().add("a.zip/x", "contents").torn(100),
            new byte[0])) {
      assertThatThrownBy(() -> deliver(each))
          .isInstanceOf(RefusedException.class)
          .hasMessageStartingWith("it is refused, nothing of it was taken: ")
          .hasMessageEndingWith("; send it again");
    }
    assertThat(Adopting.files(at.base.sheaf())).hasSize(1);
  }

  @Test
  void aZipOfRearIsTakenOnceUnderAnyName() throws Exception {
    byte[] zip = new RearZip().add("a.zip/x", "1").add("b.zip/y", "2").closed();
    assertThat(deliver(zip)).isEqualTo(Delivery.Outcome.TAKEN);
    assertThat(deliver(zip)).isEqualTo(Delivery.Outcome.THERE);
    at.put(Adopting.FIRST, zip);
    at.adopt();
    assertThat(deliver(zip)).isEqualTo(Delivery.Outcome.MERGED);
    Path file = Files.write(elsewhere.resolve("any"), zip);
    assertThat(at.delivery().deliver(file, "any", 0).outcome()).isEqualTo(Delivery.Outcome.MERGED);
    assertThat(file).exists();
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("x", "1"));
    at.assertSound();
  }

  @Test
  void anOddZipIsWrittenAnew() throws Exception {
    byte[] zip = new RearZip().streamed("a.zip/x", "xxx", true).closed();
    assertThat(deliver(zip)).isEqualTo(Delivery.Outcome.TAKEN);
    assertThat(deliver(zip)).isEqualTo(Delivery.Outcome.THERE);
    at.adopt();
    assertThat(deliver(zip)).isEqualTo(Delivery.Outcome.MERGED);
    assertThat(at.entries("a.zip")).isEqualTo(Map.of("x", "xxx"));
  }

  @Test
  void whatADeadProcessLeftOnTheWayIsTakenAway() throws Exception {
    Files.createDirectories(at.base.incoming());
    Files.writeString(at.base.incoming().resolve("node-1-x.tmp"), "half");
    deliver(batch(1, "x", "1"));
    assertThat(at.base.incoming()).doesNotExist();
  }
}
