package io.sheaf.spool;

import io.sheaf.deposit.Confined;
import io.sheaf.deposit.DepositException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves what is new to where nobody else touches it. */
final class Taking {
  private static final Logger log = LoggerFactory.getLogger(Taking.class);

  /** Files of a catch: so many names are written in one piece. */
  private static final int MOST = 1_000;

  private final SpoolPlace place;

  Taking(SpoolPlace place) {
    this.place = place;
  }

  /** A file that is new, and when it was written. */
  private record Found(Path relative, long modified) {}

  /** What is to be moved, and to where. */
  record Move(Catch taken, List<Path> from) {}

  /** Begins a catch of the oldest of what is new; empty when there is nothing. */
  Optional<Move> begin() throws IOException, InterruptedException {
    List<Path> found = found();
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Move(Catch.begin(place, found.stream().map(Path::toString).toList()), found));
  }

  private List<Path> found() throws IOException, InterruptedException {
    List<Found> all = new ArrayList<>();
    try (Confined fresh = Confined.in(place.fresh(), Confined.Rules.STRICT)) {
      fresh.walk(
          (relative, opening) -> {
            if (!isHidden(relative)) {
              all.add(new Found(relative, modified(relative)));
            }
            return true;
          });
    }
    return all.stream()
        .sorted(Comparator.comparingLong(Found::modified).thenComparing(Found::relative))
        .limit(MOST)
        .map(Found::relative)
        .toList();
  }

  /** As in a maildir; rsync gives such names to what it has not the whole of. */
  private static boolean isHidden(Path relative) {
    return relative.getFileName().toString().startsWith(".");
  }

  private long modified(Path relative) {
    try {
      return Files.readAttributes(
              place.fresh().resolve(relative), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .lastModifiedTime()
          .toMillis();
    } catch (IOException e) {
      return 0; // Gone, or not to be had: what comes next will say.
    }
  }

  /** Moves them, as far as they are still there. */
  void run(Move move) throws IOException {
    try (Confined fresh = Confined.in(place.fresh(), Confined.Rules.STRICT);
        Confined taken = Confined.in(move.taken().directory(), Confined.Rules.STRICT)) {
      for (int i = 0; i < move.from().size(); i++) {
        try {
          fresh.move(move.from().get(i), taken, String.valueOf(i));
        } catch (NoSuchFileException | DepositException e) {
          log.debug("{} is not taken now: {}", move.from().get(i), e.getMessage());
        }
      }
    }
  }
}
