package io.sheaf.exec;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositException;
import io.sheaf.session.BulkDeposit;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command, brings its output into entries while it runs, and picks up its files when it has
 * ended. The command never waits for a worker, nor for this process's disk as long as its memory
 * does.
 */
public final class Exec implements Closeable {
  private static final OutputStream OUT = new FileOutputStream(FileDescriptor.out);
  private static final OutputStream ERR = new FileOutputStream(FileDescriptor.err);

  private final ExecPlan plan;
  private final WorkerDoor door;
  private final Path scratch;
  private final List<Stream> streams = new ArrayList<>();
  private final CountDownLatch hurry = new CountDownLatch(1);

  /** Starts the command. */
  public interface Starter {
    Process start(ProcessBuilder builder) throws IOException;
  }

  /**
   * How it went.
   *
   * @param status as a shell has it: 128 and the signal's number where one ended the command
   * @param files that were picked up
   * @param notes lines that somebody may want to know
   * @param problems a line for each thing that is not where it should be
   */
  public record Result(
      int status, long files, long bytes, List<String> notes, List<String> problems) {}

  /**
   * @param settings that name the worker
   */
  public Exec(ExecPlan plan, Settings settings) {
    this.plan = plan;
    this.door = new WorkerDoor(settings, settings.get(Keys.RESEND_TIME));
    this.scratch = Path.of(System.getProperty("java.io.tmpdir"));
  }

  /**
   * Looks whether there is a worker that takes deposits.
   *
   * @return why there is none now; null when there is one
   * @throws IOException when there is one that must not get any
   */
  public @Nullable String findWorker() throws IOException {
    try {
      var unused = door.connect();
      return null;
    } catch (DepositException e) {
      if (e.kind() != DepositException.Kind.UNAVAILABLE) {
        throw e;
      }
      return e.getMessage();
    }
  }

  /** Runs the command; returns when all is deposited, or it is known that it cannot be. */
  public Result run(List<String> command, Starter starter)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    redirect(builder);
    int status;
    try (Forwarding signals = new Forwarding(hurry::countDown)) {
      Process process = starter.start(builder);
      signals.started(process);
      for (Stream stream : streams) {
        stream.started(plan.successOnly());
      }
      status = process.waitFor();
      return finish(status);
    }
  }

  private void redirect(ProcessBuilder builder) throws IOException {
    if (plan.stdout() != null) {
      builder.redirectOutput(open(plan.stdout(), plan.isOneLog() ? "output" : "stdout", OUT));
    }
    if (plan.isOneLog()) {
      builder.redirectErrorStream(true);
    } else if (plan.stderr() != null) {
      builder.redirectError(open(plan.stderr(), "stderr", ERR));
    }
  }

  private ProcessBuilder.Redirect open(String target, String name, OutputStream own)
      throws IOException {
    Stream stream = new Stream(plan, door, scratch, target, name, own);
    streams.add(stream);
    return stream.redirect();
  }

  private Result finish(int status) throws IOException, InterruptedException {
    List<String> notes = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    long end = System.nanoTime() + plan.grace().toNanos();
    for (Stream stream : streams) {
      stream.awaitEnd(end, hurry, notes);
    }
    door.commandEnded();
    boolean wanted = status == 0 || !plan.successOnly();
    for (Stream stream : streams) {
      stream.settle(wanted, problems);
    }
    BulkDeposit.Result files = new BulkDeposit.Result(0, 0, false, List.of());
    if (wanted && !plan.collect().isEmpty()) {
      files = collect(notes, problems);
    }
    return new Result(status, files.files(), files.bytes(), notes, problems);
  }

  private BulkDeposit.Result collect(List<String> notes, List<String> problems)
      throws InterruptedException {
    try {
      BulkDeposit.Result result = Collecting.run(plan, door.await(), notes);
      result.failures().forEach(f -> problems.add(f.file() + ": " + f.reason()));
      if (result.stopped()) {
        problems.add("the worker takes nothing any more: what comes after was not picked up");
      }
      return result;
    } catch (IOException e) {
      problems.add("files were not picked up, and stay: " + e.getMessage());
      return new BulkDeposit.Result(0, 0, true, List.of());
    }
  }

  @Override
  public void close() throws IOException {
    for (Stream stream : streams) {
      stream.close();
    }
    door.close();
  }
}
