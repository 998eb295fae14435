package io.sheaf.exec;

import io.sheaf.deposit.Confined;
import io.sheaf.deposit.SocketDepositor;
import io.sheaf.session.BulkDeposit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Picks up the files that a command has left, with no link followed and none from elsewhere. */
final class Collecting implements Confined.Visitor {
  private static final Path HERE = Path.of("");

  private final List<Glob> globs;
  private final String into;
  private final Confined directory;
  private final BulkDeposit bulk;
  private final Set<Path> seen = new HashSet<>();
  private Glob glob;
  private boolean matched;

  private Collecting(ExecPlan plan, Confined directory, BulkDeposit bulk) {
    this.globs = plan.collect();
    this.into = plan.into();
    this.directory = directory;
    this.bulk = bulk;
    this.glob = globs.get(0);
  }

  /** Files are removed once their entries are synced, unless the plan keeps them. */
  static BulkDeposit.Result run(ExecPlan plan, SocketDepositor to, List<String> notes)
      throws IOException, InterruptedException {
    BulkDeposit bulk =
        plan.keeps() ? new BulkDeposit(to, plan.log().durability()) : BulkDeposit.removing(to);
    try (Confined directory = Confined.in(HERE, Confined.Rules.STRICT)) {
      new Collecting(plan, directory, bulk).all(notes);
      bulk.await();
    }
    return bulk.finish();
  }

  private void all(List<String> notes) throws IOException, InterruptedException {
    for (Glob each : globs) {
      glob = each;
      matched = false;
      directory.walk(each.start(), this);
      if (!matched) {
        notes.add("no file matches " + each);
      }
    }
  }

  @Override
  public boolean enters(Path relative) {
    return glob.mayMatchBelow(relative);
  }

  @Override
  public boolean file(Path relative, Confined.Opening opening) throws InterruptedException {
    boolean matches = glob.matches(relative);
    matched |= matches;
    // Not by its opening, which is of a directory that the walk closes before the answer comes.
    return !matches
        || !seen.add(relative)
        || bulk.file(relative, into + relative, () -> directory.open(relative));
  }
}
