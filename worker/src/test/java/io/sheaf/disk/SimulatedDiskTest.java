package io.sheaf.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest extends DiskContract {
  private static final Path ROOT = Path.of("/base");

  private final SimulatedDisk disk = new SimulatedDisk();

  SimulatedDiskTest() throws IOException {
    disk.createDirectories(ROOT);
  }

  @Override
  Disk disk() {
    return disk;
  }

  @Override
  Path root() {
    return ROOT;
  }

  private static final Crash NOTHING = Crash.parse("none-kept");

  private DiskFile created(String name, String contents) throws IOException {
    DiskFile file = disk.create(ROOT.resolve(name));
    file.write(ByteBuffer.wrap(contents.getBytes(StandardCharsets.UTF_8)), 0);
    return file;
  }

  private static String look(Disk left) throws IOException {
    StringBuilder seen = new StringBuilder();
    look(left, ROOT, seen);
    return seen.toString().strip();
  }

  private static void look(Disk left, Path directory, StringBuilder seen) throws IOException {
    for (String name : left.list(directory)) {
      Path path = directory.resolve(name);
      seen.append(' ').append(ROOT.relativize(path));
      if (left.stat(path).orElseThrow().isFile()) {
        seen.append('=').append(new String(left.readAll(path), StandardCharsets.UTF_8).strip());
      }
      look(left, path, seen);
    }
  }

  /** Everything that chance can leave. */
  private Set<String> outcomes() throws IOException {
    Set<String> outcomes = new TreeSet<>();
    for (int seed = 0; seed < 500; seed++) {
      outcomes.add(look(disk.crash(Crash.random(seed))));
    }
    for (Crash crash : Crash.pure()) {
      assertThat(outcomes).contains(look(disk.crash(crash)));
    }
    return outcomes;
  }

  @Test
  void aSyncedFileHasItsContentsAndNoName() throws IOException {
    created("a", "one").sync();
    assertThat(outcomes()).containsExactlyInAnyOrder("", "a=one");
    disk.syncDirectory(ROOT);
    assertThat(outcomes()).containsExactly("a=one");
  }

  @Test
  void whatIsNotSyncedMayBeThereInPart() throws IOException {
    created("a", "one");
    disk.syncDirectory(ROOT);
    assertThat(outcomes()).containsExactlyInAnyOrder("a=", "a=one", "a=\0\0\0");
    assertThat(look(disk.crash(Crash.parse("no-contents")))).isEqualTo("a=\0\0\0");
  }

  @Test
  void aProcessThatDiesLosesNothingAndMakesNothingDurable() throws IOException {
    created("a", "one").sync();
    SimulatedDisk next = disk.crash(Crash.OF_PROCESS);
    assertThat(look(next)).isEqualTo("a=one");
    assertThat(look(next.crash(NOTHING))).isEmpty();
  }

  @Test
  void aRenameInADirectoryIsAtomic() throws IOException {
    created("a", "old").sync();
    created("b", "new").sync();
    disk.syncDirectory(ROOT);
    disk.rename(ROOT.resolve("b"), ROOT.resolve("a"));
    assertThat(outcomes()).containsExactlyInAnyOrder("a=old b=new", "a=new");
    disk.syncDirectory(ROOT);
    assertThat(outcomes()).containsExactly("a=new");
  }

  @Test
  void aRenameBetweenDirectoriesMayLeaveBothNamesAndNeverNone() throws IOException {
    disk.createDirectories(ROOT.resolve("d"));
    created("a", "one").sync();
    disk.syncDirectory(ROOT);
    disk.rename(ROOT.resolve("a"), ROOT.resolve("d/b"));
    assertThat(outcomes()).containsExactlyInAnyOrder("a=one d", "a=one d d/b=one", "d d/b=one");
    SimulatedDisk other = disk.crash(Crash.OF_PROCESS);
    disk.syncDirectory(ROOT.resolve("d"));
    assertThat(outcomes()).containsExactlyInAnyOrder("a=one d d/b=one", "d d/b=one");
    other.syncDirectory(ROOT);
    assertThat(look(other.crash(NOTHING))).isEqualTo("d d/b=one");
  }

  @Test
  void changesOfOneNameStayInOrder() throws IOException {
    created("a", "first").sync();
    disk.syncDirectory(ROOT);
    disk.rename(ROOT.resolve("a"), ROOT.resolve("b"));
    created("a", "second").sync();
    assertThat(outcomes()).containsExactlyInAnyOrder("a=first", "b=first", "a=second b=first");
  }

  @Test
  void aRemovedFileMayComeBackAndALinkKeepsItsContents() throws IOException {
    created("a", "one").sync();
    disk.link(ROOT.resolve("a"), ROOT.resolve("b"));
    disk.syncDirectory(ROOT);
    disk.delete(ROOT.resolve("a"));
    assertThat(outcomes()).containsExactlyInAnyOrder("a=one b=one", "b=one");
  }

  @Test
  void aDirectoryIsDurableWhenItIsMadeAndGoesWithAllThatIsInIt() throws IOException {
    disk.createDirectories(ROOT.resolve("c/d"));
    assertThat(outcomes()).containsExactly("c c/d");
    disk.createDirectories(ROOT.resolve("e"), false);
    created("e/a", "one").sync();
    disk.syncDirectory(ROOT.resolve("e"));
    assertThat(outcomes()).containsExactlyInAnyOrder("c c/d", "c c/d e e/a=one");
    disk.syncDirectory(ROOT);
    disk.delete(ROOT.resolve("e/a"));
    disk.deleteEmptyDirectory(ROOT.resolve("e"));
    assertThat(outcomes()).containsExactlyInAnyOrder("c c/d", "c c/d e", "c c/d e e/a=one");
  }

  @Test
  void aWriteMayBeTornAtEachSector() throws IOException {
    byte[] contents = new byte[4 * Sectors.SECTOR - 1];
    Arrays.fill(contents, (byte) 'x');
    DiskFile file = disk.create(ROOT.resolve("a"));
    disk.syncDirectory(ROOT);
    file.write(ByteBuffer.wrap(contents), 0);
    Set<Integer> torn = new TreeSet<>();
    for (int sector = 0; sector <= 4; sector++) {
      byte[] left = disk.crash(Crash.torn(disk.operations(), sector)).readAll(ROOT.resolve("a"));
      assertThat(left).hasSize(contents.length);
      int written = 0;
      while (written < left.length && left[written] == 'x') {
        written++;
      }
      assertThat(Arrays.copyOfRange(left, written, left.length))
          .isEqualTo(new byte[left.length - written]);
      torn.add(written);
    }
    assertThat(torn).containsExactly(0, 512, 1024, 1536, 2047);
    Set<String> patterns = new TreeSet<>();
    for (int seed = 0; seed < 2000; seed++) {
      byte[] left = disk.crash(Crash.random(seed)).readAll(ROOT.resolve("a"));
      StringBuilder pattern = new StringBuilder();
      for (int at = 0; at < left.length; at += Sectors.SECTOR) {
        pattern.append(left[at] == 'x' ? 'x' : '-');
      }
      patterns.add(pattern.toString());
    }
    assertThat(patterns).as("each subset of four sectors, and the empty file").hasSize(17);
  }

  @Test
  void aSectorHoldsOneOfItsVersions() throws IOException {
    DiskFile file = created("a", "one");
    file.sync();
    disk.syncDirectory(ROOT);
    file.write(ByteBuffer.wrap(new byte[] {'2'}), 0);
    file.write(ByteBuffer.wrap(new byte[] {'3'}), 1);
    assertThat(outcomes()).containsExactlyInAnyOrder("a=one", "a=2ne", "a=23e");
  }

  @Test
  void aCutMayBeLostAndLeavesNoBytesBehind() throws IOException {
    DiskFile file = created("a", "12345");
    file.sync();
    disk.syncDirectory(ROOT);
    file.truncate(2);
    assertThat(outcomes()).containsExactlyInAnyOrder("a=12345", "a=12");
    file.write(ByteBuffer.wrap(new byte[] {'8'}), 3);
    assertThat(new String(disk.readAll(ROOT.resolve("a")), StandardCharsets.UTF_8))
        .isEqualTo("12\0" + "8");
    assertThat(outcomes())
        .contains("a=12345", "a=12", "a=12\0" + "8", "a=12\0\0")
        .doesNotContain("a=1234");
  }

  @Test
  void oneOperationIsLostOrKept() throws IOException {
    created("a", "one").sync();
    disk.syncDirectory(ROOT);
    disk.rename(ROOT.resolve("a"), ROOT.resolve("b"));
    int renamed = disk.operations();
    try (DiskFile file = disk.openForWrite(ROOT.resolve("b"))) {
      file.write(ByteBuffer.wrap("two!".getBytes(StandardCharsets.UTF_8)), 0);
    }
    int written = disk.operations();
    created("c", "").sync();
    assertThat(disk.unsynced()).containsExactly(renamed, written, written + 1);
    assertThat(look(disk.crash(Crash.without(renamed)))).isEqualTo("a=two! c=");
    assertThat(look(disk.crash(Crash.without(written)))).isEqualTo("b=one c=");
    assertThat(look(disk.crash(Crash.only(renamed)))).isEqualTo("b=one");
    assertThat(look(disk.crash(Crash.only(written)))).isEqualTo("a=two!");
  }

  @Test
  void whatAFailedSyncLeftIsNeverWritten() throws IOException {
    DiskFile file = created("a", "one");
    file.sync();
    disk.syncDirectory(ROOT);
    file.write(ByteBuffer.wrap("two".getBytes(StandardCharsets.UTF_8)), 0);
    ((SimulatedFile) file).failSync(false);
    file.sync();
    assertThat(look(disk)).isEqualTo("a=two");
    assertThat(outcomes()).containsExactly("a=one");
    ((SimulatedFile) file).failSync(true);
    assertThat(look(disk)).isEqualTo("a=one");
  }

  @Test
  void operationsAreTold() throws IOException {
    List<String> told = new ArrayList<>();
    int before = disk.operations();
    disk.observe((operation, what) -> told.add(operation - before + " " + what));
    disk.createDirectories(ROOT.resolve("d"));
    DiskFile file = created("d/a", "one");
    file.sync();
    file.sync();
    disk.delete(ROOT.resolve("nothing"));
    disk.rename(ROOT.resolve("d/a"), ROOT.resolve("b"));
    assertThat(told)
        .containsExactly(
            "1 mkdir /base/d",
            "2 create /base/d/a",
            "3 write 3 bytes at 0 of /base/d/a",
            "4 sync /base/d/a",
            "5 rename /base/d/a to /base/b");
  }

  @Test
  void equalDisksHaveEqualFingerprints() throws IOException {
    created("a", "one");
    SimulatedDisk same = disk.crash(Crash.OF_PROCESS);
    assertThat(same.fingerprint()).isEqualTo(disk.fingerprint());
    try (DiskFile file = same.openForWrite(ROOT.resolve("a"))) {
      file.write(ByteBuffer.wrap(new byte[] {'1'}), 0);
    }
    assertThat(same.fingerprint()).isNotEqualTo(disk.fingerprint());
    disk.rename(ROOT.resolve("a"), ROOT.resolve("b"));
    assertThat(disk.crash(Crash.parse("all-kept")).fingerprint()).isEqualTo(disk.fingerprint());
  }

  @Test
  void aCrashCanBeMadeAgain() throws IOException {
    byte[] contents = new byte[10_000];
    Arrays.fill(contents, (byte) 1);
    disk.create(ROOT.resolve("a")).write(ByteBuffer.wrap(contents), 0);
    List<Crash> crashes = new ArrayList<>(Crash.pure());
    crashes.addAll(List.of(Crash.prefix(3), Crash.torn(4, 7), Crash.OF_PROCESS));
    crashes.addAll(List.of(Crash.without(3), Crash.only(2)));
    for (int seed = 0; seed < 50; seed++) {
      crashes.add(Crash.random(seed));
    }
    for (Crash crash : crashes) {
      assertThat(disk.crash(Crash.parse(crash.toString())).fingerprint())
          .isEqualTo(disk.crash(crash).fingerprint());
    }
    assertThatThrownBy(() -> Crash.parse("none-kept:1"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
