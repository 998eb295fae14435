package io.sheaf.nio;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.deposit.LanesFixture;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@link Files} does with entries of a worker. */
final class SheafFileSystemTest extends NioTestCase {
  private static final FileTime TIME = FileTime.fromMillis(1_700_000_000_000L);

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private byte[] deposited(String target) throws IOException {
    return door.lanes.content(target);
  }

  @Test
  void writesAndReadsTextAndBytes() throws IOException {
    Files.writeString(path("/ar.zip/dir/text ü?.txt"), "grüße");
    assertThat(Files.readString(path("/ar.zip/dir/text ü?.txt"))).isEqualTo("grüße");
    Files.write(path("ar.zip/lines"), List.of("one", "two"));
    assertThat(Files.readAllLines(path("/ar.zip/lines"))).containsExactly("one", "two");
    for (int size : new int[] {0, 1, 1 << 20, (1 << 20) + 1, 5_000_000}) {
      Path file = path("/ar.zip/" + size);
      Files.write(file, random(size));
      assertThat(Files.size(file)).isEqualTo(size);
      assertThat(Files.readAllBytes(file)).isEqualTo(random(size));
      assertThat(deposited("ar.zip/" + size)).isEqualTo(random(size));
    }
  }

  @Test
  void anEntryIsThereWhenItIsClosedAndNotBefore() throws IOException {
    Path file = path("/a.zip/f");
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(random(3 << 20));
      assertThat(Files.exists(file)).isFalse();
    }
    assertThat(Files.size(file)).isEqualTo(3 << 20);
    assertThat(deposited("a.zip/f")).hasSize(3 << 20);
  }

  @Test
  void whatFailsLeavesNothing() throws IOException {
    OutputStream out = Files.newOutputStream(path("/a.zip/f"));
    out.write(random(2 << 20));
    door.shut();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                out.write(random(1 << 20));
              }
            })
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("/a.zip/f");
    assertThatThrownBy(() -> out.write(1)).isInstanceOf(ClosedChannelException.class);
    out.close();
    door.reopen();
    assertThat(Files.exists(path("/a.zip/f"))).isFalse();
    assertThat(door.lanes.contents()).isEmpty();
  }

  @Test
  void smallEntriesAreSentAgainToAWorkerThatReturns() throws Exception {
    OutputStream out = Files.newOutputStream(path("/a.zip/f"));
    out.write(random(1_000));
    Files.writeString(path("/a.zip/first"), "x");
    door.shut();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                out.close();
                closed.complete(null);
              } catch (IOException e) {
                closed.completeExceptionally(e);
              }
            })
        .start();
    door.reopen();
    closed.get();
    assertThat(deposited("a.zip/f")).isEqualTo(random(1_000));
  }

  @Test
  void refusesAsTheWorkerDoes() throws IOException {
    assertThatThrownBy(() -> Files.writeString(path("/nowhere/f"), "x"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("/nowhere/f");
    assertThatThrownBy(() -> Files.writeString(path("/a.zip"), "x"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("directory");
    assertThatThrownBy(() -> Files.writeString(path("/a.zip/back\\slash"), "x"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("backslash");
    assertThatThrownBy(() -> Files.readString(path("/a.zip/none")))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(door.lanes.contents()).isEmpty();
  }

  @Test
  void opensAsTheOptionsSay() throws IOException {
    Path file = path("/a.zip/f");
    assertThatThrownBy(() -> Files.writeString(file, "x", WRITE))
        .isInstanceOf(NoSuchFileException.class);
    Files.writeString(file, "x", CREATE_NEW, WRITE);
    assertThatThrownBy(() -> Files.writeString(file, "y", CREATE_NEW))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Files.writeString(file, "y", CREATE))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("written once");
    assertThatThrownBy(() -> Files.writeString(file, "y", WRITE))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Files.newByteChannel(file, READ, WRITE))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Files.newByteChannel(file, WRITE, DELETE_ON_CLOSE))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Files.newByteChannel(file, APPEND, TRUNCATE_EXISTING))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Files.newOutputStream(file, READ))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Files.newInputStream(file, WRITE))
        .isInstanceOf(UnsupportedOperationException.class);
    Files.writeString(file, "again", WRITE, TRUNCATE_EXISTING);
    assertThat(door.lanes.contents().get("a.zip/f")).hasSize(2);
  }

  @Test
  void onlyOneOfTheseWritersMakesAName() throws IOException {
    Path file = path("/a.zip/f");
    try (OutputStream one = Files.newOutputStream(file, CREATE_NEW)) {
      one.write(1);
      assertThatThrownBy(() -> Files.newOutputStream(file, CREATE_NEW))
          .isInstanceOf(FileAlreadyExistsException.class);
    }
    assertThat(deposited("a.zip/f")).containsExactly(1);
  }

  @Test
  void appendsToALog() throws IOException {
    Path log = path("/a.zip/app.log");
    try (OutputStream out = Files.newOutputStream(log, CREATE, APPEND)) {
      out.write("one\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      out.write("two\n".getBytes(StandardCharsets.US_ASCII));
    }
    assertThat(Files.readString(log)).isEqualTo("one\ntwo\n");
    assertThatThrownBy(() -> Files.writeString(log, "three", CREATE, APPEND))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("another name");
    assertThatThrownBy(() -> Files.writeString(path("/a.zip/none"), "three", APPEND))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(deposited("a.zip/app.log")).asString().isEqualTo("one\ntwo\n");
  }

  @Test
  void channelsWriteForwardsOnly() throws IOException {
    try (SeekableByteChannel out = Files.newByteChannel(path("/a.zip/f"), CREATE, WRITE)) {
      assertThat(out.write(ByteBuffer.wrap(random(10)))).isEqualTo(10);
      assertThat(out.position()).isEqualTo(10);
      assertThat(out.size()).isEqualTo(10);
      assertThat(out.position(10).truncate(11)).isSameAs(out);
      assertThatThrownBy(() -> out.position(3)).isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> out.truncate(3)).isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> out.read(ByteBuffer.allocate(1)))
          .isInstanceOf(NonReadableChannelException.class);
    }
    assertThat(deposited("a.zip/f")).isEqualTo(random(10));
  }

  @Test
  void channelsReadAnywhere() throws IOException {
    for (int size : new int[] {1_000, 3 << 20}) {
      Path file = path("/a.zip/" + size);
      byte[] contents = random(size);
      Files.write(file, contents);
      Random random = new Random(size);
      try (SeekableByteChannel in = Files.newByteChannel(file)) {
        for (int i = 0; i < 20; i++) {
          int at = random.nextInt(size);
          ByteBuffer some = ByteBuffer.allocate(1 + random.nextInt(500));
          int n = in.position(at).read(some);
          assertThat(n).isPositive();
          assertThat(Arrays.copyOf(some.array(), n))
              .isEqualTo(Arrays.copyOfRange(contents, at, at + n));
          assertThat(in.position()).isEqualTo(at + n);
        }
        assertThat(in.position(size).read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(in.size()).isEqualTo(size);
        assertThatThrownBy(() -> in.write(ByteBuffer.allocate(1)))
            .isInstanceOf(NonWritableChannelException.class);
      }
    }
  }

  @Test
  void listsDirectories() throws IOException {
    Files.writeString(path("/b/ar.zip/x/1"), "1");
    Files.writeString(path("/b/ar.zip/x/y/2"), "22");
    Files.createDirectory(path("/b/ar.zip/empty"));
    assertThat(names("/b/ar.zip")).containsExactly("/b/ar.zip/empty", "/b/ar.zip/x");
    assertThat(names("/b/ar.zip/x")).containsExactly("/b/ar.zip/x/1", "/b/ar.zip/x/y");
    assertThat(names("/b/ar.zip/empty")).isEmpty();
    assertThat(names("/none.zip")).isEmpty();
    assertThatThrownBy(() -> names("/b/ar.zip/none")).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> names("/b/ar.zip/x/1")).isInstanceOf(NotDirectoryException.class);
    assertThatThrownBy(() -> names("/b"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("begin at one");
    try (DirectoryStream<Path> some = Files.newDirectoryStream(path("/b/ar.zip"), "e*")) {
      assertThat(some).extracting(Path::toString).containsExactly("/b/ar.zip/empty");
      assertThatThrownBy(some::iterator).isInstanceOf(IllegalStateException.class);
    }
    try (Stream<Path> all = Files.walk(path("/b/ar.zip"))) {
      assertThat(all.map(Path::toString))
          .containsExactly(
              "/b/ar.zip",
              "/b/ar.zip/empty",
              "/b/ar.zip/x",
              "/b/ar.zip/x/1",
              "/b/ar.zip/x/y",
              "/b/ar.zip/x/y/2");
    }
  }

  private List<String> names(String directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(path(directory))) {
      stream.forEach(each -> names.add(each.toString()));
    }
    names.sort(null);
    return names;
  }

  @Test
  void keepsWhatIsSaidOfAFile() throws IOException {
    Path file = path("/a.zip/f");
    try (SeekableByteChannel out =
        Files.newByteChannel(
            file,
            Set.of(CREATE_NEW, WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")))) {
      out.write(ByteBuffer.wrap(random(100)));
      Files.setLastModifiedTime(file, TIME);
      Files.setAttribute(file, "unix:uid", 1234);
      Files.setAttribute(file, "unix:gid", 4321);
    }
    PosixFileAttributes found = Files.readAttributes(file, PosixFileAttributes.class);
    assertThat(PosixFilePermissions.toString(found.permissions())).isEqualTo("rwxr-x---");
    assertThat(found.lastModifiedTime()).isEqualTo(TIME);
    assertThat(found.size()).isEqualTo(100);
    assertThat(found.isRegularFile()).isTrue();
    assertThat(found.owner().getName()).isEqualTo("1234");
    assertThat(found.group().getName()).isEqualTo("4321");
    assertThat(Files.readAttributes(file, "unix:mode,uid"))
        .isEqualTo(Map.of("mode", 0100750, "uid", 1234));
    assertThat(Files.getAttribute(file, "sheaf:state")).isEqualTo("open");
    assertThat(door.lanes.attributes("a.zip", "f").uid()).isEqualTo(1234);
  }

  @Test
  void whatIsThereKeepsItsAttributes() throws IOException {
    Path file = path("/a.zip/f");
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(1);
      Files.setLastModifiedTime(file, TIME);
    }
    Files.setLastModifiedTime(file, TIME);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> Files.setLastModifiedTime(file, FileTime.fromMillis(0)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("SheafFiles.copy");
    assertThatThrownBy(
            () -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr--r--")))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Files.setLastModifiedTime(path("/a.zip/none"), TIME))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void changesNothingThatIsThere() throws IOException {
    Path file = path("/a.zip/f");
    Files.writeString(file, "x");
    assertThatThrownBy(() -> Files.delete(file)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Files.move(file, path("/a.zip/g")))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Files.createLink(path("/a.zip/g"), file))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Files.delete(path("/a.zip/none")))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(Files.deleteIfExists(path("/a.zip/none"))).isFalse();
    assertThat(Files.isWritable(file)).isFalse();
    assertThat(Files.isReadable(file)).isTrue();
    assertThatThrownBy(() -> fs.provider().checkAccess(file, java.nio.file.AccessMode.WRITE))
        .isInstanceOf(AccessDeniedException.class);
    assertThat(deposited("a.zip/f")).asString().isEqualTo("x");
  }

  @Test
  void makesDirectories() throws IOException {
    Files.createDirectories(path("/a.zip/x/y"));
    assertThat(Files.isDirectory(path("/a.zip/x/y"))).isTrue();
    assertThat(Files.isDirectory(path("/a.zip/x"))).isTrue();
    assertThat(Files.isDirectory(path("/a.zip"))).isTrue();
    assertThat(Files.isDirectory(path("/"))).isTrue();
    Files.createDirectories(path("/a.zip/x/y"));
    assertThatThrownBy(() -> Files.createDirectory(path("/a.zip/x/y")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Files.createDirectory(path("/a.zip")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Files.readString(path("/a.zip/x")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("directory");
    assertThat(door.lanes.contents()).containsOnlyKeys("a.zip/x/y/");
  }

  @Test
  void linksAreFollowed() throws IOException {
    Files.writeString(path("/a.zip/d/file"), "contents");
    Files.createSymbolicLink(path("/a.zip/link"), path("d/file"));
    assertThat(Files.readSymbolicLink(path("/a.zip/link")).toString()).isEqualTo("d/file");
    assertThat(Files.readString(path("/a.zip/link"))).isEqualTo("contents");
    assertThat(Files.size(path("/a.zip/link"))).isEqualTo(8);
    assertThat(Files.isSymbolicLink(path("/a.zip/link"))).isTrue();
    assertThat(path("/a.zip/link").toRealPath()).isEqualTo(path("/a.zip/d/file"));
    assertThat(Files.isSameFile(path("/a.zip/link"), path("/a.zip/d/file"))).isTrue();
    assertThatThrownBy(() -> Files.readSymbolicLink(path("/a.zip/d/file")))
        .isInstanceOf(java.nio.file.NotLinkException.class);
    Files.createSymbolicLink(path("/a.zip/loop"), path("loop"));
    assertThatThrownBy(() -> Files.readString(path("/a.zip/loop")))
        .isInstanceOf(java.nio.file.FileSystemLoopException.class);
  }

  @Test
  void linksAreRefusedWhereTheSessionTakesNone() throws IOException {
    close();
    Path other = directory.resolve("other");
    Files.createDirectory(other);
    door = new io.sheaf.worker.DoorFixture(other, LanesFixture.OPTIONS);
    fs = FileSystems.newFileSystem(uri(""), Map.of());
    assertThatThrownBy(() -> Files.createSymbolicLink(path("/a.zip/l"), path("x")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("symlinks=false");
    assertThat(door.lanes.contents()).isEmpty();
  }

  @Test
  void copiesATreeWithFilesAlone() throws IOException {
    Path source = tree();
    Path target = path("/a.zip/tree");
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(target.resolve(source.relativize(dir).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(file, target.resolve(source.relativize(file).toString()));
            return FileVisitResult.CONTINUE;
          }
        });
    assertThat(Files.readString(target.resolve("d/one"))).isEqualTo("one");
    assertThatThrownBy(() -> Files.copy(source.resolve("d/one"), target.resolve("d/one")))
        .isInstanceOf(FileAlreadyExistsException.class);
    Files.copy(target.resolve("d/one"), directory.resolve("back"));
    assertThat(directory.resolve("back")).hasContent("one");
    assertThat(door.lanes.contents().keySet())
        .containsExactly("a.zip/tree/", "a.zip/tree/d/", "a.zip/tree/d/one", "a.zip/tree/empty/");
  }

  private Path tree() throws IOException {
    Path source = directory.resolve("source");
    Files.createDirectories(source.resolve("d"));
    Files.createDirectories(source.resolve("empty"));
    Files.writeString(source.resolve("d/one"), "one");
    Files.setPosixFilePermissions(
        source.resolve("d/one"), PosixFilePermissions.fromString("rwxr-x--x"));
    Files.setPosixFilePermissions(
        source.resolve("empty"), PosixFilePermissions.fromString("rwx------"));
    Files.setLastModifiedTime(source.resolve("d/one"), TIME);
    Files.createSymbolicLink(source.resolve("link"), Path.of("d/one"));
    Files.delete(source.resolve("link"));
    return source;
  }

  @Test
  void copiesWithAttributes() throws IOException {
    Path source = tree();
    Path target = path("/a.zip/one");
    SheafFiles.copy(source.resolve("d/one"), target);
    SheafFiles.copy(source.resolve("empty"), path("/a.zip/empty"));
    Files.createSymbolicLink(source.resolve("link"), Path.of("d/one"));
    SheafFiles.copy(source.resolve("link"), path("/a.zip/link"), LinkOption.NOFOLLOW_LINKS);
    SheafFiles.copy(source.resolve("link"), path("/a.zip/followed"));
    for (String each : List.of("/a.zip/one", "/a.zip/followed")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path(each))))
          .isEqualTo("rwxr-x--x");
      assertThat(Files.getLastModifiedTime(path(each))).isEqualTo(TIME);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path("/a.zip/empty"))))
        .isEqualTo("rwx------");
    assertThat(Files.isSymbolicLink(path("/a.zip/link"))).isTrue();
    assertThatThrownBy(() -> SheafFiles.copy(source.resolve("d/one"), target))
        .isInstanceOf(FileAlreadyExistsException.class);
    Files.copy(target, path("/b.zip/one"), StandardCopyOption.COPY_ATTRIBUTES);
    assertThat(Files.getLastModifiedTime(path("/b.zip/one"))).isEqualTo(TIME);
    SheafFiles.move(source.resolve("d/one"), path("/a.zip/moved"));
    assertThat(source.resolve("d/one")).doesNotExist();
    assertThat(deposited("a.zip/moved")).asString().isEqualTo("one");
  }

  /** The JDK sets the time when the copy is closed: refused, or passed over where that is said. */
  @Test
  void attributesThatComeTooLateAreRefused() throws IOException {
    Path source = tree().resolve("d/one");
    assertThatThrownBy(
            () -> Files.copy(source, path("/a.zip/f"), StandardCopyOption.COPY_ATTRIBUTES))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("SheafFiles.copy");
    assertThatThrownBy(() -> Files.move(source, path("/a.zip/g")))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(source).exists();
    fs.close();
    fs = FileSystems.newFileSystem(uri(""), Map.of("late-attributes", "ignore"));
    Files.copy(source, path("/a.zip/h"), StandardCopyOption.COPY_ATTRIBUTES);
    assertThat(Files.readString(path("/a.zip/h"))).isEqualTo("one");
  }

  @Test
  void aSourceThatBreaksOffLeavesNothingOfACopyWithinArchives() throws IOException {
    Files.write(path("/a.zip/big"), random(4 << 20));
    try (InputStream in = Files.newInputStream(path("/a.zip/big"))) {
      assertThat(in.read()).isEqualTo(random(4 << 20)[0] & 0xff);
    }
    Files.copy(new ByteArrayInputStream(random(10)), path("/a.zip/from-stream"));
    assertThat(Files.readAllBytes(path("/a.zip/from-stream"))).isEqualTo(random(10));
    Files.copy(path("/a.zip/big"), path("/a.zip/copy"));
    assertThat(Files.mismatch(path("/a.zip/big"), path("/a.zip/copy"))).isEqualTo(-1);
  }

  @Test
  void aClosedFileSystemDoesNothing() throws IOException {
    Path file = path("/a.zip/f");
    OutputStream out = Files.newOutputStream(file);
    out.write(random(2 << 20));
    Files.writeString(path("/a.zip/other"), "safe");
    fs.close();
    assertThat(fs.isOpen()).isFalse();
    assertThatThrownBy(() -> Files.writeString(file, "x"))
        .isInstanceOf(ClosedFileSystemException.class);
    assertThatThrownBy(() -> Files.exists(file)).isInstanceOf(ClosedFileSystemException.class);
    assertThatThrownBy(() -> fs.getPath("x")).isInstanceOf(ClosedFileSystemException.class);
    assertThatThrownBy(() -> out.write(1)).isInstanceOf(ClosedChannelException.class);
    out.close();
    fs.close();
    Path again = Path.of(uri("a.zip/other"));
    assertThat(Files.readString(again)).isEqualTo("safe");
    fs = again.getFileSystem();
    assertThat(door.lanes.contents()).containsOnlyKeys("a.zip/other");
  }

  @Test
  void knowsItsWorkerAndItsSettings() throws IOException {
    assertThatThrownBy(() -> FileSystems.newFileSystem(uri(""), Map.of()))
        .isInstanceOf(java.nio.file.FileSystemAlreadyExistsException.class);
    assertThat(FileSystems.getFileSystem(uri(""))).isSameAs(fs);
    assertThatThrownBy(
            () ->
                FileSystems.newFileSystem(
                    java.net.URI.create("sheaf:///"), Map.of("durable", "yes")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("durability");
    try (var absent =
        FileSystems.newFileSystem(
            java.net.URI.create("sheaf:///"), Map.of("socket", directory.resolve("none")))) {
      assertThatThrownBy(() -> Files.writeString(absent.getPath("/a.zip/f"), "x"))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("no worker serves");
    }
    assertThat(Files.getFileStore(path("/")).type()).isEqualTo("sheaf");
  }

  @Test
  void manyThreadsWriteAndRead() throws Exception {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      int thread = t;
      CompletableFuture<Void> done = new CompletableFuture<>();
      all.add(done);
      new Thread(
              () -> {
                try {
                  for (int i = 0; i < 50; i++) {
                    Path file = path("/a" + thread % 3 + ".zip/" + thread + "/" + i);
                    Files.write(file, random(1 + i * 100));
                    assertThat(Files.readAllBytes(file)).isEqualTo(random(1 + i * 100));
                  }
                  done.complete(null);
                } catch (Throwable e) {
                  done.completeExceptionally(e);
                }
              })
          .start();
    }
    for (CompletableFuture<Void> each : all) {
      each.get();
    }
    assertThat(door.lanes.contents()).hasSize(400);
  }
}
