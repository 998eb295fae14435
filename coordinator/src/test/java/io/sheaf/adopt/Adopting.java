package io.sheaf.adopt;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.archive.MergePolicy;
import io.sheaf.archive.OfflineRecovery;
import io.sheaf.archive.RecoveryReport;
import io.sheaf.archive.Verifier;
import io.sheaf.archive.VerifyReport;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Quarantine;
import io.sheaf.conf.Duplicates;
import io.sheaf.disk.Disk;
import io.sheaf.disk.FaultyDisk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A base directory whose inbox rear's workers write to, and what becomes of what they write. */
final class Adopting {
  /** 2023-11-14 22:13:20 UTC. */
  static final long SECOND = 1_700_000_000;

  static final String FIRST = "node1-231114_221320.zip";
  static final String SECOND_LATER = "node0-231114_221321.zip";
  static final Adoption.Options USUAL = new Adoption.Options(Duration.ofMinutes(5), false);
  static final Adoption.Options FLUSH = new Adoption.Options(Duration.ofMinutes(5), true);

  final Disk disk = FaultyDisk.withoutSync(new SystemDisk());
  final BaseDirectory base;
  MergePolicy policy = MergePolicy.simple(Duplicates.ALL).adopting(Duplicates.FIRST);
  long now = SECOND + 100_000;

  Adopting(Path root) throws IOException {
    this.base = BaseDirectory.create(disk, root);
  }

  private Clock clock() {
    return Clock.fixed(Instant.ofEpochSecond(now), ZoneOffset.UTC);
  }

  /** A zip as a worker leaves it that wrote to it last when its name says. */
  Path put(String name, byte[] zip) throws IOException {
    Path inbox = Files.createDirectories(base.root().resolve("inbox"));
    Path file = Files.write(inbox.resolve(name), zip);
    Files.setLastModifiedTime(
        file, FileTime.from(Instant.ofEpochSecond(RearName.second(name).orElse(SECOND))));
    return file;
  }

  Adoption adoption() {
    return new Adoption(disk, base, PeerLock.NONE, clock());
  }

  AdoptionReport take(Adoption.Options options) throws IOException {
    return adoption().take(options);
  }

  /** All that a run of the command does. */
  RecoveryReport adopt() throws IOException, InterruptedException {
    Adoption adoption = adoption();
    AdoptionReport report = adoption.take(FLUSH);
    assertThat(report.failed()).isEmpty();
    RecoveryReport merged = merge();
    adoption.settle();
    return merged;
  }

  RecoveryReport merge() throws IOException, InterruptedException {
    OfflineRecovery recovery = new OfflineRecovery(disk, base, policy, "n-1-aaaaaa", clock());
    RecoveryReport report = recovery.run(1, (done, of, last) -> {});
    assertThat(report.succeeded()).as(report.toString()).isTrue();
    return report;
  }

  Delivery delivery() {
    return new Delivery(disk, base, clock());
  }

  /** The contents by name, as Java's own reader sees them; empty without an archive. */
  SortedMap<String, String> entries(String archive) throws IOException {
    SortedMap<String, String> found = new TreeMap<>();
    if (!Files.exists(base.archive(archive))) {
      return found;
    }
    try (ZipFile file = new ZipFile(base.archive(archive).toFile())) {
      for (ZipEntry entry : Collections.list(file.entries())) {
        try (InputStream in = file.getInputStream(entry)) {
          String contents = new String(in.readAllBytes(), StandardCharsets.UTF_8);
          assertThat(found.put(entry.getName(), contents)).as(entry.getName()).isNull();
        }
      }
    }
    return found;
  }

  List<Quarantine.Item> quarantined() throws IOException {
    return new Quarantine(disk, base).items();
  }

  List<String> inbox() throws IOException {
    return disk.list(base.root().resolve("inbox"));
  }

  /** Nothing is pending, open, or stray, and every byte is as the ledgers say. */
  void assertSound() throws IOException {
    VerifyReport report = new Verifier(disk, base).verify(true);
    assertThat(report.sound()).as(report.toString()).isTrue();
    assertThat(report.pending()).as(report.toString()).isEmpty();
    assertThat(report.strays()).isEmpty();
    assertThat(files(base.inbox())).isEmpty();
    assertThat(files(base.incoming())).isEmpty();
  }

  static List<Path> files(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
