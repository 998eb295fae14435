package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.FileState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a crash leaves beside the files that count. */
final class Leftovers {
  /** Of an archive's name, with what follows it in the name of a journal or a staged file. */
  private static final String ENDING = ".zip.";

  private static final String TEMPORARY = ".tmp";

  private final Disk disk;
  private final BaseDirectory base;

  Leftovers(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  /** The archives with a journal, a file that a journal names, or a half-written ledger. */
  Set<String> archives() throws IOException {
    Set<String> found = new TreeSet<>();
    walk(base.journals(), "", "", found);
    walk(base.ledgers(), "", TEMPORARY, found);
    return found;
  }

  private void walk(Path root, String prefix, String tail, Set<String> found) throws IOException {
    for (String name : disk.list(root.resolve(prefix))) {
      int end = name.indexOf(ENDING);
      if (end < 0) {
        walk(root, prefix + name + "/", tail, found);
      } else if (name.endsWith(tail)) {
        found.add(prefix + name.substring(0, end) + ".zip");
      }
    }
  }

  /**
   * Files beside journals and ledgers that a crash left and no recovery needs: what no journal
   * names, and what is half-written. The next claim removes them; a merge under way has them too.
   */
  List<Path> files() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String archive : archives()) {
      List<Path> mayBe = new ArrayList<>();
      for (Path file : List.of(base.ledger(archive), base.journal(archive))) {
        mayBe.add(file.resolveSibling(file.getFileName() + TEMPORARY));
      }
      if (disk.stat(base.journal(archive)).isEmpty()) {
        mayBe.add(base.staged(archive));
        mayBe.add(base.image(archive));
      }
      for (Path file : mayBe) {
        if (disk.stat(file).isPresent()) {
          found.add(file);
        }
      }
    }
    return found;
  }

  /** Removes what an archive's own files left half-written. The caller holds its lock. */
  void clean(String archive) throws IOException {
    for (Path file : List.of(base.ledger(archive), base.journal(archive))) {
      disk.delete(file.resolveSibling(file.getFileName() + TEMPORARY));
    }
  }

  /** Removes the inbox of an archive, and the directories above, where they are empty. */
  void cleanInbox(String archive) throws IOException {
    Path directory = base.inbox(archive);
    while (!directory.equals(base.inbox())
        && disk.stat(directory).filter(FileState::isDirectory).isPresent()
        && disk.deleteEmptyDirectory(directory)) {
      directory = Recovery.directoryOf(directory);
    }
  }
}
