package io.sheaf.cli;

import io.sheaf.deposit.Confined;
import io.sheaf.exec.Glob;
import io.sheaf.session.BulkDeposit;
import io.sheaf.zip.Attributes;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Deposits files, and directories in which nothing is, under a prefix. */
final class TreeDeposit implements Confined.Visitor {
  private final BulkDeposit bulk;
  private final Confined tree;
  private final Path root;
  private final String prefix;
  private final @Nullable Glob only;
  private final boolean removes;
  private boolean goesOn = true;

  /**
   * @param only which files; null for all, and empty directories
   * @param removes whether files are removed: then directories without one are left as they are
   */
  TreeDeposit(
      BulkDeposit bulk,
      Confined tree,
      Path root,
      String prefix,
      @Nullable Glob only,
      boolean removes) {
    this.bulk = bulk;
    this.tree = tree;
    this.root = root;
    this.prefix = prefix;
    this.only = only;
    this.removes = removes;
  }

  boolean goesOn() {
    return goesOn;
  }

  @Override
  public boolean enters(Path relative) {
    return only == null || only.mayMatchBelow(relative);
  }

  @Override
  public boolean file(Path relative, Confined.Opening opening) throws InterruptedException {
    if (only == null || only.matches(relative)) {
      // What is removed later must not be opened by way of a directory that the walk closes.
      Confined.Opening own = removes ? () -> tree.open(relative) : opening;
      Confined.Opening advised = DepositCommand.advised(own);
      goesOn = bulk.file(root.resolve(relative), prefix + relative, advised);
    }
    return goesOn;
  }

  @Override
  public boolean emptyDirectory(Path relative, Attributes attributes, long modified)
      throws InterruptedException {
    String target = prefix + relative;
    String name = target.endsWith("/") ? target.substring(0, target.length() - 1) : target;
    // What is empty may be all that goes into an archive, which then is no directory in it.
    if (only == null && !removes && !name.endsWith(".zip")) {
      goesOn = bulk.directory(root.resolve(relative), name, attributes, modified);
    }
    return goesOn;
  }
}
