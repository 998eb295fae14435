package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for answers of a worker. */
final class Answers {
  private Answers() {}

  static void await(CompletableFuture<Void> answer) throws IOException {
    try {
      answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ConnectionLostException lost) {
        throw new ConnectionLostException(lost);
      }
      if (e.getCause() instanceof DepositException failure) {
        // Made anew, so that the stack shows who waited.
        throw new DepositException(failure.kind(), String.valueOf(failure.getMessage()), failure);
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DepositException(
          Kind.FAILED, "interrupted; the entry may have been taken or not", e);
    }
  }
}
