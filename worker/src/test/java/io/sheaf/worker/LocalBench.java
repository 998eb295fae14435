package io.sheaf.worker;

import io.sheaf.deposit.DepositOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Deposits in this process, by one thread, as {@code docs/bench/local.py} measures them beside
 * rear: arguments BASE BYTES FILES ROUNDS. Prints files a second of each round as a line; the clock
 * runs until the last entry is in a file, and so survives this process.
 */
final class LocalBench {
  private static final int ARCHIVES = 10;

  private LocalBench() {}

  public static void main(String[] args) throws Exception {
    byte[] contents = new byte[Integer.parseInt(args[1])];
    new Random(1).nextBytes(contents);
    int files = Integer.parseInt(args[2]);
    try (LocalDepositor to = LocalDepositor.open(Path.of(args[0]))) {
      for (int round = 0; round < Integer.parseInt(args[3]); round++) {
        String[] targets = targets(round, files);
        long start = System.nanoTime();
        deposit(to, targets, contents);
        System.out.println(Math.round(files * 1e9 / (System.nanoTime() - start)));
      }
    }
  }

  private static String[] targets(int round, int files) {
    String[] targets = new String[files];
    for (int i = 0; i < files; i++) {
      targets[i] = "a" + i % ARCHIVES + ".zip/" + round + "/" + i;
    }
    return targets;
  }

  private static void deposit(LocalDepositor to, String[] targets, byte[] contents)
      throws Exception {
    CompletableFuture<?>[] answers = new CompletableFuture<?>[targets.length];
    for (int i = 0; i < targets.length; i++) {
      answers[i] = to.depositAsync(targets[i], ByteBuffer.wrap(contents), DepositOptions.DEFAULT);
    }
    CompletableFuture.allOf(answers).get();
  }
}
