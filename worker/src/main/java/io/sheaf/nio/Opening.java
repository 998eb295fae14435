package io.sheaf.nio;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.SYNC;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/** How a file is opened. */
record Opening(Set<OpenOption> options) {
  private static final Set<OpenOption> KNOWN =
      Set.of(
          READ,
          WRITE,
          APPEND,
          CREATE,
          CREATE_NEW,
          TRUNCATE_EXISTING,
          SPARSE,
          SYNC,
          DSYNC,
          LinkOption.NOFOLLOW_LINKS);

  /**
   * @param stream whether it is for an output stream, which writes, and without options makes or
   *     replaces
   * @throws UnsupportedOperationException for what an entry cannot do
   */
  static Opening of(Set<? extends OpenOption> given, boolean stream) {
    Set<OpenOption> options = new HashSet<>();
    for (OpenOption each : given) {
      if (!KNOWN.contains(Objects.requireNonNull(each))) {
        throw new UnsupportedOperationException(each + " is not for entries of archives");
      }
      options.add(each);
    }
    if (stream && options.contains(READ)) {
      throw new IllegalArgumentException("an output stream does not read");
    }
    if (stream && given.isEmpty()) {
      options.add(CREATE);
      options.add(TRUNCATE_EXISTING);
    }
    if (stream || options.contains(APPEND)) {
      options.add(WRITE);
    }
    Opening opening = new Opening(options);
    opening.check();
    return opening;
  }

  private void check() {
    if (has(READ) && has(WRITE)) {
      throw new UnsupportedOperationException(
          "an entry is written once, and can be read when it is closed: not both at a time");
    }
    if (has(APPEND) && has(TRUNCATE_EXISTING)) {
      throw new IllegalArgumentException("APPEND and TRUNCATE_EXISTING contradict each other");
    }
  }

  private boolean has(OpenOption option) {
    return options.contains(option);
  }

  boolean isRead() {
    return !has(WRITE);
  }

  boolean isAppend() {
    return has(APPEND);
  }

  /** There must be nothing of the name. */
  boolean isNew() {
    return has(CREATE_NEW);
  }

  /** There must be an entry of the name. */
  boolean isThere() {
    return !has(CREATE) && !has(CREATE_NEW);
  }

  /** What is there of the name does not matter: the session's {@code duplicates} decides. */
  boolean isReplacing() {
    return has(CREATE) && has(TRUNCATE_EXISTING);
  }

  boolean isTruncating() {
    return has(TRUNCATE_EXISTING);
  }

  boolean isSynced() {
    return has(SYNC) || has(DSYNC);
  }

  boolean follow() {
    return !has(LinkOption.NOFOLLOW_LINKS);
  }
}
