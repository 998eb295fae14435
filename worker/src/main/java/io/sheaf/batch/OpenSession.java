package io.sheaf.batch;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.disk.Disk;
import io.sheaf.disk.InDirectory;
import io.sheaf.disk.Publication;
import io.sheaf.tree.Codec;
import io.sheaf.tree.SessionRecord;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the base directory knows of the sessions that are not closed, so that one can be finished
 * under its own parameters when ZooKeeper has nothing of it any more.
 */
public final class OpenSession {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Disk disk;
  private final BaseDirectory base;

  public OpenSession(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  private Path file(String session) {
    return base.openSession(session).resolve("session.json");
  }

  /**
   * A session as it was created; empty when there is none of that name, or the last one was closed.
   *
   * @throws io.sheaf.tree.TreeDamagedException when its file cannot be read
   */
  public Optional<SessionRecord> find(String session) throws IOException {
    Path file = file(session);
    Optional<SessionRecord> found =
        disk.readIfPresent(file).map(json -> Codec.SESSION.decode(json, file.toString()));
    return found.isPresent() && found.get().created() == lastClosed(session)
        ? Optional.empty()
        : found;
  }

  /** When the session was created that was closed last under a name; -1 when none was. */
  private long lastClosed(String session) throws IOException {
    Optional<byte[]> summary = disk.readIfPresent(base.summary(session));
    return summary.isEmpty() ? -1 : JSON.readTree(summary.get()).path("created").asLong(-1);
  }

  /** The names of those that were not closed in order, and of those that are at work. */
  public List<String> names() throws IOException {
    return disk.list(base.openSessions());
  }

  /** Durable when this returns; what an earlier session of that name has left is replaced. */
  public void keep(SessionRecord session) throws IOException {
    Path file = file(session.name());
    byte[] json = Codec.SESSION.encode(session);
    while (true) {
      Optional<byte[]> there = disk.readIfPresent(file);
      if (there.isEmpty()) {
        try {
          InDirectory.change(
              disk, InDirectory.of(file), () -> Publication.ifAbsent(disk, file, json));
          return;
        } catch (FileAlreadyExistsException e) {
          continue; // Another member was faster.
        }
      }
      if (Codec.SESSION.decode(there.get(), file.toString()).created() != session.created()) {
        Publication.replace(disk, file, json);
      }
      return;
    }
  }

  /** Forgets a session that is closed. */
  public void forget(String session) throws IOException {
    Path directory = base.openSession(session);
    for (String name : disk.list(directory)) {
      disk.delete(directory.resolve(name));
    }
    disk.deleteEmptyDirectory(directory);
    disk.deleteEmptyDirectory(base.openSessions());
  }
}
