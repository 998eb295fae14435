package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.zip.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The file with the ledgers of archives at rest, {@code .sheaf/ledgers.json}.
 *
 * <pre>
 * {"crc32c":"xxxxxxxx",                             CRC32C of all the lines below
 * "version":1,"fold":7,"ledgers":[                  how often it was written
 * {"crc32c":"xxxxxxxx","version":2,"archive":"a.zip",…},     a ledger, with the sum of its line
 * {"crc32c":"xxxxxxxx","version":2,"archive":"b/c.zip",…}    sorted by archive
 * ]}
 * </pre>
 *
 * <p>As a whole it is read when it is another one than before, which its first two lines tell: they
 * are read at each look, from a file opened anew, and not the time or inode, which a client of a
 * filesystem may remember. After that a look reads one line. Any number of threads.
 */
final class FoldedLedgers {
  static final int VERSION = 1;

  /** The two first lines are shorter. */
  private static final int HEAD = 256;

  private final Disk disk;
  private final BaseDirectory base;
  private @Nullable Known known;

  FoldedLedgers(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  /**
   * Where a ledger is.
   *
   * @param length bytes of the line, without what separates it from the next
   * @param crc CRC32C of these bytes
   */
  record Line(long position, int length, int crc) {}

  /**
   * A whole file that was read.
   *
   * @param head its first bytes, by which it is told from others
   */
  record Known(ByteBuffer head, long fold, SortedMap<String, Line> lines) {
    static final Known NONE = new Known(ByteBuffer.allocate(0), 0, new TreeMap<>());
  }

  /** What is done with the file while it is open. */
  private interface Look<T> {
    T at(DiskFile file, Known known) throws IOException;
  }

  /**
   * The ledger of an archive as of the last fold.
   *
   * @throws ArchiveDisagreesException when the file is damaged, or gone: nobody knows then what was
   *     merged into an archive without a ledger of its own
   */
  Optional<Ledger> find(String archive) throws IOException {
    disk.revalidate(base.sheaf());
    Optional<Optional<Ledger>> found = look((file, all) -> ledger(archive, file, all));
    if (found.isEmpty()) {
      requireNone();
    }
    return found.flatMap(ledger -> ledger);
  }

  /** As {@link #find}, but a file that another node has just written may not be seen. */
  Optional<Ledger> glance(String archive) throws IOException {
    return look((file, all) -> ledger(archive, file, all)).flatMap(found -> found);
  }

  private Optional<Ledger> ledger(String archive, DiskFile file, Known all) throws IOException {
    Line line = all.lines().get(archive);
    return line == null ? Optional.empty() : Optional.of(parse(file, line));
  }

  private void requireNone() throws IOException {
    if (base.isFolded(disk)) {
      throw new ArchiveDisagreesException(
          base.folded()
              + " is gone, which says what was merged into archives at rest: restore it from a"
              + " backup",
          null);
    }
  }

  /** As {@link #find}, the line that says it, with a sum that holds. */
  Optional<byte[]> line(String archive) throws IOException {
    return look((file, all) -> {
          Line line = all.lines().get(archive);
          return line == null ? Optional.<byte[]>empty() : Optional.of(checked(file, line));
        })
        .flatMap(found -> found);
  }

  private byte[] checked(DiskFile file, Line line) throws IOException {
    byte[] json = read(file, line.position(), line.length());
    if (Crc32c.of(ByteBuffer.wrap(json)) != line.crc()) {
      throw damaged(base.folded());
    }
    return json;
  }

  private Ledger parse(DiskFile file, Line line) throws IOException {
    byte[] json = checked(file, line);
    return Json.readLine(json, Ledger.class, base.folded(), Ledger.VERSION, Ledger::version);
  }

  /** The archives that have a ledger here. */
  SortedSet<String> archives() throws IOException {
    return new TreeSet<>(known().lines().keySet());
  }

  /** All that is known of the file; of no fold when there is none. */
  Known known() throws IOException {
    disk.revalidate(base.sheaf());
    Optional<Known> found = look((file, all) -> all);
    if (found.isEmpty()) {
      requireNone();
    }
    return found.orElse(Known.NONE);
  }

  private synchronized <T> Optional<T> look(Look<T> look) throws IOException {
    try (DiskFile file = disk.openForRead(base.folded())) {
      ByteBuffer head = ByteBuffer.wrap(read(file, 0, (int) Math.min(HEAD, file.size())));
      Known now = known;
      if (now == null || !head.equals(now.head())) {
        now = new FoldedReader(base.folded(), file).read(head);
        known = now;
      }
      return Optional.of(look.at(file, now));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  static byte[] read(DiskFile file, long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    file.readFully(buffer, position);
    return buffer.array();
  }

  /** The second line. */
  static byte[] secondLine(long fold) {
    String line = "\"version\":" + VERSION + ",\"fold\":" + fold + ",\"ledgers\":[\n";
    return line.getBytes(StandardCharsets.US_ASCII);
  }

  /** The last line. */
  static byte[] lastLine() {
    return "]}\n".getBytes(StandardCharsets.US_ASCII);
  }

  static ArchiveDisagreesException damaged(Path file) {
    return new ArchiveDisagreesException(
        file + " is damaged: its checksum does not hold; restore it from a backup", null);
  }
}
