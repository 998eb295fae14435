package io.sheaf.worker;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.Tree;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A session that a member joins, with its base directory. Only who creates the session may make a
 * base of a directory: for a session that is there, one without an id is a mount point of a
 * filesystem that is not mounted, and nothing is made in it.
 *
 * @param session what joining has returned
 */
public record SessionBase<T>(BaseDirectory base, T session) {
  /** Joins the session, or creates it. */
  public interface Joining<T> {
    T join(BaseDirectory base) throws IOException;
  }

  /**
   * Opens the base directory and joins.
   *
   * @throws IOException when the base cannot be used; the message says why
   */
  public static <T> SessionBase<T> join(
      Tree tree, Disk disk, Path root, String name, Joining<T> joining) throws IOException {
    Optional<SessionRecord> there =
        tree.session(name).filter(s -> s.state() != SessionState.CLOSED);
    boolean made = there.isEmpty() && BaseDirectory.isMade(disk, root);
    BaseDirectory base =
        there.isEmpty() ? BaseDirectory.existing(disk, root) : of(disk, root, there.get());
    boolean joined = false;
    try {
      T session = joining.join(base);
      joined = true;
      return new SessionBase<>(base, session);
    } finally {
      if (made && !joined) {
        base.withdraw(disk);
      }
    }
  }

  private static BaseDirectory of(Disk disk, Path root, SessionRecord session) throws IOException {
    try {
      return BaseDirectory.existing(disk, root);
    } catch (NoSuchFileException e) {
      throw new IOException(
          "session "
              + session.name()
              + " works on the base directory "
              + session.base()
              + " (id "
              + session.baseId()
              + "), and "
              + root
              + " is none: is its filesystem mounted?",
          e);
    }
  }
}
