package io.sheaf.cli;

import io.sheaf.conf.Durability;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.AppendOptions;
import io.sheaf.deposit.AppendStream;
import io.sheaf.deposit.SocketDepositor;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf append}. */
@Command(
    name = "append",
    description = {
      "Appends standard input to a log, as it comes, until it ends.",
      "TARGET is ARCHIVE.zip/NAME. The log becomes an entry at its end; with --segment it becomes"
          + " entries while it goes on: NAME.txt, NAME.1.txt, NAME.2.txt ...",
      "SIGTERM and SIGINT end it in order: what was read is kept.",
      "A worker that is gone is waited for, for --resend-time: what it had not told to be safe is sent"
          + " to the one that is started in its place."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf append out.zip/run1/notes.txt < notes.txt",
      "  ./simulate 2>&1 | sheaf append out.zip/run1/log.txt",
      "  tail -F app.log | sheaf append --segment 5m,64M out.zip/app.log"
    })
final class AppendCommand extends SheafCommand {
  private static final int PIECE = 64 << 10;

  @Parameters(paramLabel = "TARGET", description = "Where to, as out.zip/log.txt.")
  private String target = "";

  @Option(names = "--segment", paramLabel = "LIMIT", description = Segments.DESCRIPTION)
  private @Nullable String segment;

  AppendCommand(Context context) {
    super(context);
  }

  @Override
  boolean takesPlain(List<String> operands) {
    target = operands.get(0);
    return operands.size() == 1;
  }

  /** What is printed as JSON. */
  record Appended(String target, long bytes, int entries) {}

  @Override
  List<Key<?>> keys() {
    return DEPOSIT_KEYS;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = settings();
    Durability durability =
        settings.isExplicit(Keys.DURABILITY) ? settings.get(Keys.DURABILITY) : null;
    AppendOptions options = new AppendOptions(durability, Segments.option(segment), null);
    try (SocketDepositor depositor = SocketDepositor.connect(settings)) {
      AppendStream log = depositor.append(target, options);
      CountDownLatch ended = new CountDownLatch(1);
      return Termination.during(ended::countDown, () -> append(log, ended));
    }
  }

  /** Nothing can end a read of standard input but its end, so another thread waits there. */
  private int append(AppendStream log, CountDownLatch ended)
      throws IOException, InterruptedException {
    AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                copy(context.in(), log);
              } catch (IOException e) {
                failure.set(e);
              } finally {
                ended.countDown();
              }
            },
            "append-input");
    reader.setDaemon(true);
    reader.start();
    ended.await();
    IOException reason = failure.get();
    if (reason != null) {
      throw reason;
    }
    log.close();
    print(new Appended(target, log.safe(), log.entries()));
    return ExitStatus.DONE;
  }

  /** Passes on what is there, and does not wait for more before it does. */
  private static void copy(InputStream in, AppendStream log) throws IOException {
    byte[] piece = new byte[PIECE];
    for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
      log.write(piece, 0, n);
      if (in.available() == 0) {
        log.flush();
      }
    }
  }

  private void print(Appended appended) {
    if (isJson()) {
      Json.print(out(), appended);
    } else {
      out()
          .println(
              Text.bytes(appended.bytes())
                  + " appended in "
                  + Text.count(appended.entries(), "entry"));
    }
  }
}
