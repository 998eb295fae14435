package io.sheaf.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.disk.Disk;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A base directory and where things lie in it.
 *
 * <pre>
 * BASE/ar.zip  b/c.zip                        destinations
 * BASE/.sheaf/base.json                       id of this base directory
 *             inbox/ar.zip/W-SEQ.zip[.part]   closed and open batches
 *             inbox/.mixed/W-M.zip[.part]     batches that hold parts of several archives
 *             journal/ar.zip.undo             a merge in flight
 *             journal/ar.zip.new, .image      its staged file; its copy of the old directory
 *             ledger/ar.zip.json              last commit
 *             ledgers.json                    last commits of archives at rest
 *             incoming/                       what is on its way into the inbox, each under a POSIX lock
 *             adopted.json                    which zips of other programs are merged and gone
 *             lock/ar.zip                     POSIX lock file
 *             quarantine/ar.zip/…             what could not be merged, each with a .reason
 *             sessions/NAME.json              summaries of closed sessions
 *             open/NAME/session.json          a session that is not closed
 *                       zookeeper.json        the ZooKeeper that runs for it alone, if one does
 * </pre>
 *
 * @param root absolute path of the base directory
 * @param id of it: every member of a session must see the same one
 */
public record BaseDirectory(Path root, String id) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SHEAF = ".sheaf";
  private static final String FILE = "base.json";
  private static final String FOLDED = "folded";

  /** As {@link #open}, for a base directory of one's own: makes it when it is not there. */
  public static BaseDirectory create(Disk disk, Path root) throws IOException {
    if (Files.notExists(root)) {
      disk.createDirectories(root.toAbsolutePath().normalize());
    }
    return open(disk, root);
  }

  /**
   * Opens a base directory; one without an id gets one, durably, whoever else tries too.
   *
   * @param root which must be there: on a node where its filesystem is not mounted, a new directory
   *     would take everybody's files
   */
  public static BaseDirectory open(Disk disk, Path root) throws IOException {
    boolean unused = isMade(disk, root);
    return existing(disk, root);
  }

  /** Gives a directory an id that has none; whether that was done here. */
  public static boolean isMade(Disk disk, Path root) throws IOException {
    Path absolute = realPath(root);
    if (disk.stat(fileIn(absolute)).isPresent()) {
      return false;
    }
    disk.createDirectories(absolute.resolve(SHEAF));
    String id = UUID.randomUUID().toString();
    try {
      Publication.ifAbsent(
          disk, fileIn(absolute), JSON.writeValueAsBytes(Map.of("version", 1, "id", id)));
      return true;
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      return false; // Another member was faster, or has tidied up already: its id is the base's.
    }
  }

  /** Takes back what {@link #isMade} has just made, unless somebody is at work there already. */
  public void withdraw(Disk disk) throws IOException {
    if (disk.list(sheaf()).equals(List.of(FILE)) && id.equals(idIn(disk, file()))) {
      disk.delete(file());
      disk.deleteEmptyDirectory(sheaf());
    }
  }

  /**
   * Opens a base directory that has an id; nothing is made.
   *
   * @throws NoSuchFileException when it has none
   */
  public static BaseDirectory existing(Disk disk, Path root) throws IOException {
    Path absolute = realPath(root);
    return new BaseDirectory(absolute, idIn(disk, fileIn(absolute)));
  }

  /** Opens a base directory if the directory is one; nothing is made. */
  public static Optional<BaseDirectory> find(Disk disk, Path root) throws IOException {
    return disk.stat(fileIn(root)).isEmpty() ? Optional.empty() : Optional.of(existing(disk, root));
  }

  /**
   * Opens the base directory that somebody has named; nothing is made.
   *
   * @throws IOException when the directory is none, with what to do
   */
  public static BaseDirectory named(Disk disk, Path root) throws IOException {
    if (disk.stat(fileIn(root)).isEmpty()) {
      throw new IOException(
          root.toAbsolutePath().normalize()
              + " is no base directory, for there is no .sheaf/base.json: mount its filesystem, or"
              + " give another one with --base");
    }
    return existing(disk, root);
  }

  private static Path fileIn(Path root) {
    return root.resolve(SHEAF).resolve(FILE);
  }

  /** The id in a {@link #file}. */
  static String idIn(Disk disk, Path file) throws IOException {
    JsonNode id = JSON.readTree(disk.readAll(file)).path("id");
    if (!id.isTextual()) {
      throw new IOException(file + " holds no id of a base directory; restore it or remove it");
    }
    return id.asText();
  }

  /** Without links, so that all members and all their messages call it by one name. */
  private static Path realPath(Path root) throws IOException {
    Path real;
    try {
      real = root.toRealPath();
    } catch (NoSuchFileException e) {
      throw new IOException(
          "there is no base directory "
              + root.toAbsolutePath().normalize()
              + ": mount its filesystem, or make it with mkdir",
          e);
    }
    if (!Files.isDirectory(real)) {
      throw new IOException(root + " is no directory: give another one with --base");
    }
    return real;
  }

  public Path sheaf() {
    return root.resolve(SHEAF);
  }

  /** Where an archive ends up. */
  public Path archive(String archive) {
    return root.resolve(archive);
  }

  public Path inbox() {
    return sheaf().resolve("inbox");
  }

  public Path inbox(String archive) {
    return inbox().resolve(archive);
  }

  public Path batch(String archive, String worker, long seq) {
    return inbox(archive).resolve(new BatchName(worker, seq).file());
  }

  public Path ledgers() {
    return sheaf().resolve("ledger");
  }

  public Path ledger(String archive) {
    return ledgers().resolve(archive + ".json");
  }

  /** The ledgers of archives at rest, in one file. */
  public Path folded() {
    return sheaf().resolve("ledgers.json");
  }

  /** Whose lock is held by who writes {@link #folded}. No archive has such a name. */
  public Path foldLock() {
    return locks().resolve(".ledgers");
  }

  /** Whether {@link #folded} must be there: ledgers that were put into it are nowhere else. */
  public boolean isFolded(Disk disk) throws IOException {
    Optional<byte[]> json = disk.readIfPresent(file());
    return json.isPresent() && JSON.readTree(json.get()).path(FOLDED).asBoolean();
  }

  /**
   * Writes down that {@link #folded} must be there from now on; durable when this returns. The
   * caller holds {@link #foldLock}.
   */
  public void markFolded(Disk disk) throws IOException {
    if (!isFolded(disk)) {
      byte[] json = JSON.writeValueAsBytes(Map.of("version", 1, "id", id, FOLDED, true));
      Publication.replaceLocked(disk, file(), json);
    }
  }

  /** Where batches are that are on their way into the inbox, from another program or host. */
  public Path incoming() {
    return sheaf().resolve("incoming");
  }

  /** Which zips of other programs are merged and gone. */
  public Path adopted() {
    return sheaf().resolve("adopted.json");
  }

  /** What makes a directory a base, with its id. */
  public Path file() {
    return fileIn(root);
  }

  public Path journals() {
    return sheaf().resolve("journal");
  }

  public Path journal(String archive) {
    return journals().resolve(archive + ".undo");
  }

  public Path staged(String archive) {
    return journals().resolve(archive + ".new");
  }

  /** What an archive held from its directory on, while it is overwritten there. */
  public Path image(String archive) {
    return journals().resolve(archive + ".image");
  }

  public Path locks() {
    return sheaf().resolve("lock");
  }

  public Path lock(String archive) {
    return locks().resolve(archive);
  }

  /** The file that a member keeps locked while it lives. */
  public Path member(String id) {
    return members().resolve(id);
  }

  public Path members() {
    return locks().resolve(".members");
  }

  /** Where consumed batches stay for a while when POSIX locks are worth too little. */
  public Path kept() {
    return sheaf().resolve("kept");
  }

  /** There when POSIX locks were found to be worth too little here. */
  public Path brokenLocks() {
    return sheaf().resolve("broken-locks.json");
  }

  public Path quarantines() {
    return sheaf().resolve("quarantine");
  }

  public Path quarantine(String archive) {
    return quarantines().resolve(archive);
  }

  /** The summary that is written when a session is closed. */
  public Path summary(String session) {
    return summaries().resolve(session + ".json");
  }

  /** Where the summaries are. */
  public Path summaries() {
    return sheaf().resolve("sessions");
  }

  /** Where the sessions are known that are not closed. */
  public Path openSessions() {
    return sheaf().resolve("open");
  }

  /** What is kept of a session until it is closed. */
  public Path openSession(String session) {
    return openSessions().resolve(session);
  }

  /** A path as manifests carry it: relative to the base directory. */
  public String relative(Path path) {
    return root.relativize(path).toString();
  }
}
