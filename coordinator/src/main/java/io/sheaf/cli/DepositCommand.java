package io.sheaf.cli;

import io.sheaf.conf.Durability;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.Confined;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.SocketDepositor;
import io.sheaf.exec.Glob;
import io.sheaf.session.BulkDeposit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands that deposit files which operands or a list name. */
abstract class DepositCommand extends SheafCommand {
  /** What Java puts for bytes of a name that are not UTF-8. */
  private static final char MANGLED = '\uFFFD';

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE... TARGET",
      description = "What to deposit, - for standard input, and where to.")
  private List<String> operands = List.of();

  @Option(
      names = {"-R", "--recursive"},
      description =
          "Deposit directories with all that is in them, empty ones too; links are left out, and"
              + " other users' files and hard links refused.")
  private boolean recursive;

  @Option(
      names = "--files-from",
      paramLabel = "LIST",
      description =
          "Deposit what a list names: in each line a path, a tab and a target. No link is followed.")
  private @Nullable String list;

  @Option(
      names = {"-0", "--null"},
      description = "In the list, paths and targets each end with a NUL.")
  private boolean nul;

  @Option(
      names = {"-C", "--directory"},
      paramLabel = "DIR",
      description = "Where the list's relative paths begin; nothing in it may lead out of there.")
  private @Nullable Path directory;

  @Option(
      names = "--follow-links",
      description = "In the list, and for pickup, take what links lead to, wherever that is.")
  private boolean links;

  @Option(
      names = "--other-owners",
      description = "With -R, a list or for pickup, take other users' files too.")
  private boolean otherOwners;

  @Option(
      names = "--hard-links",
      description = "With -R, a list or for pickup, take files that have several names too.")
  private boolean hardLinks;

  @Option(
      names = "--only",
      paramLabel = "GLOB",
      description =
          "With -R, of each directory only the files that match, as '*.csv' or 'run*/**'; no empty"
              + " directories then.")
  private @Nullable String only;

  DepositCommand(Context context) {
    super(context);
  }

  @Override
  boolean takesPlain(List<String> plain) {
    operands = plain;
    return plain.size() >= 2;
  }

  /** Takes deposits over a connection. */
  abstract BulkDeposit open(SocketDepositor depositor, @Nullable Durability durability);

  /** Whether files are removed when they are deposited. */
  abstract boolean removes();

  /** What the operands that name a file themselves may be. */
  abstract Confined.Rules named();

  /** In the past tense. */
  abstract String done();

  @Override
  List<Key<?>> keys() {
    return DEPOSIT_KEYS;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (list == null && operands.size() < 2) {
      throw new UsageException("give FILE... and TARGET, or --files-from LIST");
    }
    if (list != null && !operands.isEmpty()) {
      throw new UsageException("give either FILE... TARGET or --files-from LIST, not both");
    }
    Settings settings = settings();
    BulkDeposit.Result result;
    try (SocketDepositor depositor = SocketDepositor.connect(settings)) {
      BulkDeposit bulk =
          open(
              depositor,
              settings.isExplicit(Keys.DURABILITY) ? settings.get(Keys.DURABILITY) : null);
      if (list == null) {
        putOperands(bulk);
      } else {
        putList(bulk, list);
      }
      result = bulk.finish();
    }
    print(result);
    return result.failures().isEmpty() ? ExitStatus.DONE : ExitStatus.FAILED;
  }

  private void print(BulkDeposit.Result result) {
    if (isJson()) {
      Json.print(out(), result);
    } else {
      out()
          .println(
              Text.count(result.files(), "file")
                  + " "
                  + done()
                  + ", "
                  + Text.bytes(result.bytes()));
    }
    result.failures().forEach(f -> err().println("sheaf: " + f.file() + ": " + f.reason()));
    if (result.stopped()) {
      err().println("sheaf: the worker takes nothing any more; what comes after was not tried");
    }
  }

  private void putOperands(BulkDeposit bulk) throws IOException, InterruptedException {
    List<String> files = operands.subList(0, operands.size() - 1);
    String target = operands.get(operands.size() - 1);
    boolean directory = target.endsWith("/") || target.endsWith(".zip");
    String prefix = target.endsWith("/") ? target : target + "/";
    if (files.size() > 1 && !directory) {
      throw new UsageException(target + ": for several files the target must end with '/'");
    }
    for (String file : files) {
      if (!put(bulk, file, directory ? prefix : null, target)) {
        return;
      }
    }
  }

  private boolean put(BulkDeposit bulk, String file, @Nullable String prefix, String target)
      throws IOException, InterruptedException {
    if (file.equals("-")) {
      if (removes()) {
        throw new UsageException("standard input is no file that can be picked up: use sheaf put");
      }
      if (prefix != null) {
        throw new UsageException(target + ": standard input has no name, so the target needs one");
      }
      bulk.stream(context.in(), target);
      return true;
    }
    if (file.indexOf(MANGLED) >= 0) {
      // Java has lost what its bytes were; they may be those of another file.
      bulk.failed(file, "the name is not UTF-8; rename it");
      return true;
    }
    Path path = Path.of(file);
    if (recursive && Files.isDirectory(path)) {
      return putTree(bulk, path, prefix == null ? target + "/" : prefix + nameOf(path));
    }
    if (path.getFileName() == null) {
      throw new UsageException(file + " is no file: use -R for a directory");
    }
    if (Files.isDirectory(path)) {
      bulk.failed(file, "is a directory: use -R");
      return true;
    }
    return bulk.file(
        path,
        prefix == null ? target : prefix + path.getFileName(),
        advised(() -> Confined.named(path, named())));
  }

  /** What a directory's entries begin with: as with cp, nothing for {@code .} itself. */
  private static String nameOf(Path directory) {
    String name = String.valueOf(directory.normalize().getFileName());
    return name.isEmpty() || name.equals("..") ? "" : name + "/";
  }

  /** What is below may change meanwhile, and must not lead out of it then. */
  private boolean putTree(BulkDeposit bulk, Path root, String prefix)
      throws IOException, InterruptedException {
    Glob glob = only == null ? null : Glob.parse(only);
    try (Confined below = Confined.in(root, new Confined.Rules(false, otherOwners, hardLinks))) {
      TreeDeposit tree = new TreeDeposit(bulk, below, root, prefix, glob, removes());
      below.walk(tree);
      if (removes()) {
        bulk.await();
      }
      return tree.goesOn();
    }
  }

  static Confined.Opening advised(Confined.Opening opening) {
    return () -> {
      try {
        return opening.open();
      } catch (DepositException e) {
        throw new DepositException(e.kind(), advice(String.valueOf(e.getMessage())), e);
      }
    };
  }

  private static String advice(String message) {
    if (message.contains("not followed")) {
      return message + "; --follow-links takes what it leads to";
    }
    if (message.contains("belongs to another user")) {
      return message + "; --other-owners takes it";
    }
    return message.contains("(hard links)") ? message + "; --hard-links takes it" : message;
  }

  private void putList(BulkDeposit bulk, String name) throws IOException, InterruptedException {
    try (InputStream in = name.equals("-") ? context.in() : Files.newInputStream(Path.of(name));
        DepositList entries = new DepositList(in, nul);
        ListedFiles files = new ListedFiles(directory, rules())) {
      boolean goesOn = true;
      for (DepositList.Item item = entries.next(); item != null && goesOn; item = entries.next()) {
        Path path = Path.of(item.path());
        goesOn = bulk.file(path, item.target(), advised(() -> files.open(path)));
      }
      bulk.await();
    }
  }

  /** What is taken of a list. */
  final Confined.Rules rules() {
    return new Confined.Rules(links, otherOwners, hardLinks);
  }
}
