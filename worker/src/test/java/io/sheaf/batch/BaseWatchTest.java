package io.sheaf.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.InDirectory;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BaseWatchTest {
  private final Disk plain = new SystemDisk();
  @TempDir private Path directory;
  private BaseDirectory base;
  private BaseWatch watch;
  private Disk disk;

  @BeforeEach
  void open() throws IOException {
    base = BaseDirectory.create(plain, directory.resolve("base"));
    watch = new BaseWatch(plain, base);
    disk = new WatchedDisk(plain, base, watch);
    disk.createDirectories(base.inbox("a.zip"));
  }

  private void takeAway() throws IOException {
    Files.move(base.root(), directory.resolve("away"));
  }

  private void bringBack() throws IOException {
    Files.move(directory.resolve("away"), base.root());
  }

  @Test
  void knowsItsBase() throws IOException {
    watch.check();
    takeAway();
    assertThatThrownBy(watch::check)
        .isInstanceOf(BaseGoneException.class)
        .hasMessage(
            "the base directory " + base.root() + " is not there: is its filesystem mounted?");
    Files.createDirectory(base.root());
    assertThatThrownBy(watch::check).hasMessageContaining("is not there");
    BaseDirectory other = BaseDirectory.open(plain, base.root());
    assertThatThrownBy(watch::check)
        .hasMessageContaining("is another base directory now")
        .hasMessageContaining(base.id());
    assertThat(watch.reason()).contains("another");
    assertThat(other.id()).isNotEqualTo(base.id());
    Files.move(base.root(), directory.resolve("other"));
    bringBack();
    watch.check();
    assertThat(watch.reason()).isEmpty();
  }

  @Test
  void isStillTheSameWhenItIsWrittenAnew() throws IOException {
    watch.check();
    base.markFolded(plain);
    watch.check();
    assertThat(BaseDirectory.open(plain, base.root())).isEqualTo(base);
    assertThat(base.isFolded(plain)).isTrue();
  }

  @Test
  void tellsOfEachChangeSoon() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    watch.start(told::add);
    assertThat(told.take()).isEmpty();
    takeAway();
    assertThatThrownBy(watch::check).isInstanceOf(BaseGoneException.class);
    while (!told.take().contains("is not there")) {
      assertThat(told.size()).isLessThan(100);
    }
    bringBack();
    watch.check();
    while (!told.take().isEmpty()) {
      assertThat(told.size()).isLessThan(100);
    }
    watch.close();
  }

  /** Everything that Sheaf does by name. */
  private List<ThrowingCallable> steps() {
    Path file = base.inbox("a.zip").resolve("f");
    return List.of(
        () -> disk.createDirectories(base.inbox("b.zip")),
        () -> disk.createDirectories(base.root().resolve("d")),
        () -> InDirectory.tryLock(disk, base.lock("a.zip")),
        () -> InDirectory.make(disk, base.inbox("c.zip"), () -> disk.create(file)),
        () -> disk.create(base.sheaf().resolve("x")),
        () -> disk.openForRead(base.ledger("a.zip")),
        () -> disk.openForWrite(file),
        () -> disk.readIfPresent(base.ledger("a.zip")),
        () -> disk.stat(file),
        () -> disk.list(base.inbox()),
        () -> disk.delete(file),
        () -> disk.deleteEmptyDirectory(base.inbox("a.zip")),
        () -> disk.rename(file, base.archive("a.zip")),
        () -> disk.link(file, base.archive("a.zip")),
        () -> disk.syncDirectory(base.inbox("a.zip")),
        () -> disk.tryLock(file),
        () -> disk.tryLockExisting(file));
  }

  @Test
  void nothingIsDoneByNameWhileItIsAway() throws IOException {
    takeAway();
    Files.createDirectory(base.root());
    assertThat(steps())
        .allSatisfy(s -> assertThatThrownBy(s).isInstanceOf(BaseGoneException.class));
    assertThat(base.root()).isEmptyDirectory();
    assertThat(disk.stat(directory.resolve("elsewhere"))).isEmpty();
  }

  @Test
  void nothingIsDoneInAnotherBase() throws IOException {
    takeAway();
    BaseDirectory other = BaseDirectory.create(plain, base.root());
    plain.createDirectories(other.inbox("a.zip"));
    Files.createFile(other.inbox("a.zip").resolve("f"));
    assertThat(steps())
        .allSatisfy(s -> assertThatThrownBy(s).isInstanceOf(BaseGoneException.class));
    try (Stream<Path> all = Files.walk(other.root())) {
      assertThat(all).hasSize(6);
    }
  }

  @Test
  void aFileThatIsOpenGoesOn() throws IOException {
    try (DiskFile file = disk.create(base.inbox("a.zip").resolve("f"))) {
      takeAway();
      file.write(ByteBuffer.wrap(new byte[3]), 0);
      file.sync();
      bringBack();
    }
    assertThat(base.inbox("a.zip").resolve("f")).hasSize(3);
  }

  @Test
  void onlyWhatWasMadeHereAndIsUnusedIsTakenBack() throws IOException {
    Path bare = Files.createDirectory(directory.resolve("bare"));
    assertThat(BaseDirectory.isMade(plain, bare)).isTrue();
    assertThat(BaseDirectory.isMade(plain, bare)).isFalse();
    BaseDirectory made = BaseDirectory.existing(plain, bare);
    plain.createDirectories(made.inbox());
    made.withdraw(plain);
    assertThat(made.file()).exists();
    plain.deleteEmptyDirectory(made.inbox());
    made.withdraw(plain);
    assertThat(bare).isEmptyDirectory();
  }
}
