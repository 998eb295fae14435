package io.sheaf.cli;

import io.sheaf.archive.ArchiveView;
import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Target;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sheaf cat}. */
@Command(
    name = "cat",
    description = {
      "Writes the contents of entries to standard output, merged or not.",
      "It needs no ZooKeeper."
    },
    footer = {"", "Examples:", "  sheaf cat -r out results.zip/run1/log.txt"})
final class CatCommand extends BaseCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "ARCHIVE/ENTRY",
      description = "Such as results.zip/run1/log.txt.")
  private List<String> names = List.of();

  CatCommand(Context context) {
    super(context);
  }

  @Override
  public Integer call() throws IOException {
    if (isJson()) {
      throw new UsageException("contents have no JSON form: leave --output away");
    }
    BaseDirectory base = base();
    ArchiveView view = new ArchiveView(disk, base);
    for (String name : names) {
      write(view, base, target(name));
    }
    context.out().flush();
    return ExitStatus.DONE;
  }

  private static Target target(String name) {
    try {
      return Target.parse(name);
    } catch (BadTargetException e) {
      throw new UsageException(name + ": " + e.getMessage());
    }
  }

  private void write(ArchiveView view, BaseDirectory base, Target target) throws IOException {
    Optional<InputStream> contents = view.open(target.archive(), target.entry());
    if (contents.isEmpty()) {
      throw new FailedException(
          ExitStatus.FAILED, "no entry " + target + " in " + base.root() + ": see 'sheaf ls'");
    }
    try (InputStream in = contents.get()) {
      in.transferTo(context.out());
    }
  }
}
