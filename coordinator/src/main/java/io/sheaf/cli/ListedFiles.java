package io.sheaf.cli;

import io.sheaf.deposit.Confined;
import io.sheaf.deposit.ConfinedFile;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Opens the files that a list names. The list was made from a tree that may have changed since, so
 * no link on the way is followed: below the directory that was named, or without one from the
 * current one, and from the root for absolute paths.
 */
final class ListedFiles implements AutoCloseable {
  private final @Nullable Path directory;
  private final Confined.Rules rules;
  private final Confined relative;
  private @Nullable Confined absolute;

  ListedFiles(@Nullable Path directory, Confined.Rules rules) throws IOException {
    this.directory = directory == null ? null : directory.toAbsolutePath().normalize();
    this.rules = rules;
    this.relative = Confined.in(directory == null ? Path.of("") : directory, rules);
  }

  ConfinedFile open(Path path) throws IOException {
    if (!path.isAbsolute()) {
      return relative.open(path);
    }
    Path below = directory;
    if (below == null) {
      return fromRoot().open(Path.of("/").relativize(path));
    }
    if (!path.normalize().startsWith(below)) {
      throw new DepositException(Kind.REFUSED, path + ": is not below " + below);
    }
    return relative.open(below.relativize(path.normalize()));
  }

  private Confined fromRoot() throws IOException {
    Confined open = absolute;
    if (open == null) {
      open = Confined.in(Path.of("/"), rules);
      absolute = open;
    }
    return open;
  }

  @Override
  public void close() throws IOException {
    relative.close();
    if (absolute != null) {
      absolute.close();
    }
  }
}
