package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.session.Demo;
import io.sheaf.session.DemoResult;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf demo}. */
@Command(
    name = "demo",
    description = {
      "Shows all of Sheaf on this machine: ZooKeeper, two workers, two coordinators and four"
          + " writers bind every file of a directory tree into a few archives.",
      "Then it compares every byte. The tree is only read."
    },
    footer = {"", "Examples:", "  sheaf demo", "  sheaf demo --from ~/results --base /tmp/demo"})
final class DemoCommand extends SheafCommand {
  /** A tree of many small files that every Linux has. */
  private static final Path DOCUMENTATION = Path.of("/usr/share/doc");

  private static final Path BASE = Path.of("sheaf-demo");

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description = "The tree (default: /usr/share/doc, else the project itself).")
  private @Nullable Path from;

  DemoCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.BASE);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    Path base = settings.find(Keys.BASE).orElse(BASE).toAbsolutePath().normalize();
    refuseFull(base);
    return Termination.during(Thread.currentThread()::interrupt, () -> run(base));
  }

  private int run(Path base) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    DemoResult result;
    try (DemoDisplay display = new DemoDisplay(err(), context.terminal())) {
      result = Demo.run(source(), base, display);
    }
    if (isJson()) {
      Json.print(out(), result);
    } else {
      new DemoReport(out()).print(result, (System.nanoTime() - begun) / 1e9);
    }
    return result.isGood() ? ExitStatus.DONE : ExitStatus.FAILED;
  }

  private static void refuseFull(Path base) throws IOException {
    if (!Files.exists(base)) {
      return;
    }
    try (Stream<Path> inside = Files.list(base)) {
      if (inside.findAny().isPresent()) {
        throw new UsageException(
            base + " is not empty: remove it, or name another directory with --base");
      }
    }
  }

  private Path source() {
    if (from != null) {
      return existing(from);
    }
    if (hasFiles(DOCUMENTATION)) {
      return DOCUMENTATION;
    }
    return project();
  }

  private static Path existing(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new UsageException("--from " + directory + " is no directory");
    }
    return directory;
  }

  private static boolean hasFiles(Path directory) {
    try (Stream<Path> inside = Files.list(directory)) {
      return inside.findAny().isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** The directory of Sheaf's own sources, above the jar; else where we are. */
  private static Path project() {
    CodeSource source = DemoCommand.class.getProtectionDomain().getCodeSource();
    try {
      Path place = source == null ? null : Path.of(source.getLocation().toURI());
      for (Path p = place; p != null; p = p.getParent()) {
        if (Files.exists(p.resolve("zkinit/pom.xml"))) {
          return p;
        }
      }
    } catch (URISyntaxException e) {
      // A jar whose place has no path: then it is in no project.
    }
    return Path.of("").toAbsolutePath();
  }
}
