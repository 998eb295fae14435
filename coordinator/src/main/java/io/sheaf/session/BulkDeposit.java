package io.sheaf.session;

import io.sheaf.conf.Durability;
import io.sheaf.deposit.Confined;
import io.sheaf.deposit.ConfinedFile;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.DepositStream;
import io.sheaf.deposit.PickupOptions;
import io.sheaf.deposit.SocketDepositor;
import io.sheaf.zip.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Deposits many files with one worker, small ones without waiting for each answer. A file that is
 * not taken is noted, and the others go on. For one thread.
 */
public final class BulkDeposit {
  /** Files up to this size are sent in one piece, larger ones as a stream. */
  private static final int WHOLE = 1 << 20;

  /** More than the depositor lets go unanswered, so that its own window is what counts. */
  private static final int PERMITS = 256;

  /** A file that was not taken, and why. */
  public record Failure(String file, String reason) {}

  /**
   * What became of all files.
   *
   * @param stopped whether the worker took nothing any more, so that the rest was not tried
   */
  public record Result(long files, long bytes, boolean stopped, List<Failure> failures) {}

  private final SocketDepositor depositor;
  private final @Nullable Durability durability;
  private final boolean removes;

  /** Files that are safe and are to be removed by the thread that deposits. */
  private final Queue<ConfinedFile> safe = new ConcurrentLinkedQueue<>();

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(WHOLE + 1);
  private final Semaphore answered = new Semaphore(PERMITS);

  // Guarded by this object.
  private long files;
  private long bytes;
  private boolean unavailable;
  private final List<Failure> failures = new ArrayList<>();

  /**
   * Of files that stay.
   *
   * @param durability to wait for; null for the worker's default
   */
  public BulkDeposit(SocketDepositor depositor, @Nullable Durability durability) {
    this(depositor, durability, false);
  }

  private BulkDeposit(SocketDepositor depositor, @Nullable Durability durability, boolean removes) {
    this.depositor = depositor;
    this.durability = durability;
    this.removes = removes;
  }

  /** Of files that are removed, each once its entry is synced, if nothing has changed it since. */
  public static BulkDeposit removing(SocketDepositor depositor) {
    return new BulkDeposit(depositor, Durability.FSYNC, true);
  }

  /**
   * Deposits a file with its mode and its time of modification; a link is followed, for the user
   * has named it.
   *
   * @return false when the worker takes nothing any more, so that going on is of no use
   */
  public boolean file(Path file, String target) throws InterruptedException {
    if (Files.isDirectory(file)) {
      failed(file.toString(), "is a directory: use -R");
      return !isUnavailable();
    }
    return file(file, target, () -> Confined.named(file));
  }

  /** As above, with a file that is opened by another way. */
  public boolean file(Path file, String target, Confined.Opening opening)
      throws InterruptedException {
    removeSafe();
    boolean pending = false;
    ConfinedFile opened = null;
    try {
      opened = opening.open();
      pending = deposit(file, target, opened);
    } catch (IOException e) {
      failed(file.toString(), e);
    } finally {
      if (opened != null && !(pending && removes)) {
        close(opened);
      }
    }
    return !isUnavailable();
  }

  /** Whether an answer is still to come. */
  private boolean deposit(Path file, String target, ConfinedFile opened)
      throws IOException, InterruptedException {
    if (opened.size() <= WHOLE && small(file, target, opened)) {
      return true;
    }
    opened.channel().position(0);
    depositor.pickup(opened, target, new PickupOptions(durability, removes));
    taken(opened.size());
    return false;
  }

  private static void close(ConfinedFile file) {
    try {
      file.close();
    } catch (IOException e) {
      // It was only read.
    }
  }

  /** By one thread alone: a directory that is held open serves one at a time. */
  private void removeSafe() {
    for (ConfinedFile file = safe.poll(); file != null; file = safe.poll()) {
      try {
        file.remove();
      } catch (IOException e) {
        failed(file.path().toString(), e);
      } finally {
        close(file);
      }
    }
  }

  /**
   * Sends a small file; false when it has grown past what is sent in one piece. It stays open until
   * the answer if it is to be removed.
   */
  private boolean small(Path file, String target, ConfinedFile opened)
      throws IOException, InterruptedException {
    buffer.clear();
    SeekableByteChannel in = opened.channel();
    while (buffer.hasRemaining() && in.read(buffer) >= 0) {
      // Until the end of the file.
    }
    if (!buffer.hasRemaining()) {
      return false;
    }
    buffer.flip();
    int size = buffer.remaining();
    if (removes && !opened.isUnchanged(size)) {
      throw new DepositException(
          Kind.CONFLICT, file + ": changed while it was read; pick it up when it is complete");
    }
    send(
        file,
        target,
        new DepositOptions(durability, opened.modified(), size, opened.attributes(), null),
        removes ? opened : null);
    return true;
  }

  /**
   * Sends what is in the buffer.
   *
   * @param removed what is removed then, and closed in any case; null for nothing
   */
  private void send(
      Path file, String target, DepositOptions options, @Nullable ConfinedFile removed)
      throws IOException, InterruptedException {
    answered.acquire();
    boolean sent = false;
    try {
      CompletableFuture<Void> unused =
          depositor
              .depositAsync(target, buffer, options)
              .whenComplete((done, failure) -> answer(file, target, options, removed, failure));
      sent = true;
    } finally {
      if (!sent) {
        answered.release();
      }
    }
  }

  /**
   * Deposits a directory in which nothing is.
   *
   * @param modified milliseconds since the epoch
   * @return as {@link #file(Path, String)}
   */
  public boolean directory(Path path, String target, Attributes attributes, long modified)
      throws InterruptedException {
    buffer.clear().limit(0);
    try {
      send(path, target + "/", new DepositOptions(durability, modified, 0, attributes, null), null);
    } catch (IOException e) {
      failed(path.toString(), e);
    }
    return !isUnavailable();
  }

  private void answer(
      Path file,
      String target,
      DepositOptions options,
      @Nullable ConfinedFile removed,
      @Nullable Throwable failure) {
    if (failure == null) {
      if (!target.endsWith("/")) {
        taken(options.size());
      }
      if (removed != null) {
        safe.add(removed);
      }
    } else {
      if (removed != null) {
        close(removed);
      }
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      failed(file.toString(), cause);
    }
    answered.release();
  }

  /** Deposits what a stream gives. */
  public void stream(InputStream in, String target) {
    try {
      taken(copy(in, target));
    } catch (IOException e) {
      failed("-", e);
    }
  }

  private long copy(InputStream in, String target) throws IOException {
    DepositOptions options = DepositOptions.DEFAULT.withDurability(durability);
    boolean complete = false;
    try (DepositStream out = depositor.open(target, options)) {
      try {
        long size = in.transferTo(out);
        complete = true;
        return size;
      } finally {
        if (!complete) {
          out.abort();
        }
      }
    }
  }

  /** Notes a file that could not even be read. */
  public void failed(String file, String reason) {
    note(new Failure(file, reason), false);
  }

  private void failed(String file, Throwable e) {
    boolean gone = e instanceof DepositException d && d.kind() == Kind.UNAVAILABLE;
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    String own = e instanceof NoSuchFileException ? "no such file" : reason;
    String named = file + ": ";
    note(new Failure(file, own.startsWith(named) ? own.substring(named.length()) : own), gone);
  }

  private synchronized void note(Failure failure, boolean gone) {
    failures.add(failure);
    unavailable |= gone;
  }

  private synchronized void taken(long size) {
    files++;
    bytes += size;
  }

  private synchronized boolean isUnavailable() {
    return unavailable;
  }

  /** Waits for all answers, and has removed then what is to be removed. */
  public void await() throws InterruptedException {
    answered.acquire(PERMITS);
    answered.release(PERMITS);
    removeSafe();
  }

  /** As {@link #await}. */
  public Result finish() throws InterruptedException {
    await();
    return result();
  }

  private synchronized Result result() {
    return new Result(files, bytes, unavailable, List.copyOf(failures));
  }
}
