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
import java.util.Map;
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
    Path absolute = realPath(root);
    Path file = absolute.resolve(".sheaf/base.json");
    if (disk.stat(file).isEmpty()) {
      disk.createDirectories(absolute.resolve(".sheaf"));
      byte[] json =
          JSON.writeValueAsBytes(Map.of("version", 1, "id", UUID.randomUUID().toString()));
      try {
        Publication.ifAbsent(disk, file, json);
      } catch (FileAlreadyExistsException e) {
        // Another member was faster: its id is the base's.
      }
    }
    JsonNode id = JSON.readTree(disk.readAll(file)).path("id");
    if (!id.isTextual()) {
      throw new IOException(file + " holds no id of a base directory; restore it or remove it");
    }
    return new BaseDirectory(absolute, id.asText());
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
    return root.resolve(".sheaf");
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

  public Path lock(String archive) {
    return sheaf().resolve("lock").resolve(archive);
  }

  /** The file that a member keeps locked while it lives. */
  public Path member(String id) {
    return members().resolve(id);
  }

  public Path members() {
    return sheaf().resolve("lock/.members");
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
