package io.sheaf.deposit;

import io.sheaf.batch.Target;
import io.sheaf.zip.DepositId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Deposits into the lanes of this process. Closing it leaves the lanes as they are. */
public final class LaneDepositor implements Depositor {
  private final Lanes lanes;
  private final int uid;

  public LaneDepositor(Lanes lanes) {
    this(lanes, Owners.self());
  }

  /**
   * @param uid of whoever deposits
   */
  public LaneDepositor(Lanes lanes, int uid) {
    this.lanes = lanes;
    this.uid = uid;
  }

  @Override
  public DepositStream open(String target, DepositOptions options) throws IOException {
    Target checked = Targets.parse(target);
    return new LaneStream(lanes, stream(checked, options, options.size()));
  }

  @Override
  public AppendStream append(String target, AppendOptions options) throws IOException {
    return new LaneAppend(
        lanes.appends(),
        new LogRequest(
            Targets.parse(target),
            Owners.self(),
            DepositOptions.NOW,
            null,
            options.durability(),
            options.rule(),
            options.id(),
            0,
            0));
  }

  private EntryStream stream(Target target, DepositOptions options, long size)
      throws DepositException {
    return lanes.onDiskThread(
        () ->
            lanes.stream(
                target,
                uid,
                options.modified(),
                options.attributes(),
                id(options),
                size,
                options.durability()));
  }

  private static @Nullable DepositId id(DepositOptions options) throws DepositException {
    return options.id() == null ? null : Lanes.id(options.id());
  }

  @Override
  public void deposit(String target, ByteBuffer contents, DepositOptions options)
      throws IOException {
    Target checked = Targets.parse(target);
    if (contents.remaining() > Lanes.SMALL) {
      EntryStream stream = stream(checked, options, contents.remaining());
      lanes.onDiskThread(
          () -> {
            stream.write(contents.duplicate());
            stream.commit();
            return stream;
          });
      return;
    }
    Answer answer = new Answer();
    lanes.submit(
        checked,
        uid,
        options.modified(),
        options.attributes(),
        id(options),
        contents.duplicate(),
        options.durability(),
        answer);
    lanes.kick();
    answer.await();
  }

  /**
   * As {@link #deposit}, without waiting. The future ends when the entry has its durability; the
   * contents must not change before.
   */
  public CompletableFuture<Void> submit(String target, ByteBuffer contents, DepositOptions options)
      throws IOException {
    if (contents.remaining() > Lanes.SMALL) {
      deposit(target, contents, options);
      return CompletableFuture.completedFuture(null);
    }
    Target checked = Targets.parse(target);
    CompletableFuture<Void> answer = new CompletableFuture<>();
    lanes.submit(
        checked,
        uid,
        options.modified(),
        options.attributes(),
        id(options),
        contents,
        options.durability(),
        failure -> end(answer, failure));
    lanes.kick();
    return answer;
  }

  private static void end(CompletableFuture<Void> answer, @Nullable DepositException failure) {
    if (failure == null) {
      answer.complete(null);
    } else {
      answer.completeExceptionally(failure);
    }
  }

  @Override
  public void close() {}

  private static final class Answer implements Receipt {
    private final CountDownLatch done = new CountDownLatch(1);
    private @Nullable DepositException failure;

    @Override
    public void done(@Nullable DepositException reason) {
      failure = reason;
      done.countDown();
    }

    /** The contents belong to the lanes until they are done, so an interrupt waits too. */
    void await() throws DepositException {
      boolean interrupted = false;
      while (true) {
        try {
          done.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (failure != null) {
        throw failure;
      }
    }
  }
}
