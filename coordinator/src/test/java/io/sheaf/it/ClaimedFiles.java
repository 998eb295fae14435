package io.sheaf.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/** The files of one archive that a merge touches, seen from outside. */
record ClaimedFiles(Path base, String archive) {
  static final String NONE = "-";

  /** The process that holds the archive's POSIX lock, as the kernel tells it. */
  OptionalLong holder() {
    try {
      String inode = ":" + Files.getAttribute(base.resolve(".sheaf/lock/" + archive), "unix:ino");
      // 1: POSIX  ADVISORY  WRITE 1234 fd:01:5678 0 EOF
      for (String line : Files.readAllLines(Path.of("/proc/locks"))) {
        String[] word = line.trim().split(" +", -1);
        if (word.length > 5 && word[1].equals("POSIX") && word[5].endsWith(inode)) {
          return OptionalLong.of(Long.parseLong(word[4]));
        }
      }
    } catch (NoSuchFileException e) {
      // Nobody has claimed it yet.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return OptionalLong.empty();
  }

  /** What the merge has in its journal directory, by the ending of the files' names. */
  SortedSet<String> inFlight() throws IOException {
    SortedSet<String> endings = new TreeSet<>();
    FilesBelow.of(base.resolve(".sheaf/journal")).stream()
        .map(f -> f.getFileName().toString())
        .filter(name -> name.startsWith(archive + "."))
        .forEach(name -> endings.add(name.substring(archive.length() + 1)));
    return endings;
  }

  boolean has(String ending) {
    return Files.exists(path(ending));
  }

  /** Of a file in the journal directory. */
  Path path(String ending) {
    return base.resolve(".sheaf/journal/" + archive + "." + ending);
  }

  /** What tells whether anybody has touched the archive, its ledger or its journal. */
  List<String> fingerprint() throws IOException {
    List<String> all = new ArrayList<>();
    all.add(state());
    all.add(ledger());
    for (String ending : inFlight()) {
      all.add(ending + " " + inFlight(ending));
    }
    return all;
  }

  /** The archive. */
  String state() throws IOException {
    return of(base.resolve(archive));
  }

  String ledger() throws IOException {
    return of(base.resolve(".sheaf/ledger/" + archive + ".json"));
  }

  String inFlight(String ending) throws IOException {
    return of(path(ending));
  }

  /** Which file a name means, and when it was last written; {@link #NONE} for none. */
  private static String of(Path file) throws IOException {
    try {
      return Files.readAttributes(file, "unix:ino,size,lastModifiedTime").toString();
    } catch (NoSuchFileException e) {
      return NONE;
    }
  }
}
