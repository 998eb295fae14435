package io.sheaf.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OutputSpoolTest {
  @TempDir Path directory;

  /** Much more than fits into memory, and whoever takes is faster or slower. */
  @Test
  void whatIsPutComesOutInItsOrder() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed of the pieces: " + seed);
    Random random = new Random(seed);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (OutputSpool spool = new OutputSpool(1_000, directory, false)) {
      CompletableFuture<byte[]> taken = CompletableFuture.supplyAsync(() -> drain(spool));
      for (int i = 0; i < 20_000; i++) {
        byte[] piece = new byte[1 + random.nextInt(200)];
        random.nextBytes(piece);
        all.writeBytes(piece);
        spool.put(piece);
      }
      spool.end();
      assertThat(Arrays.equals(taken.get(30, TimeUnit.SECONDS), all.toByteArray())).isTrue();
      assertThat(spool.loss()).isNull();
    }
    assertThat(directory).isEmptyDirectory();
  }

  private static byte[] drain(OutputSpool spool) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      for (byte[] piece = spool.take(); piece != null; piece = spool.take()) {
        out.writeBytes(piece);
      }
      return out.toByteArray();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsHeldBackGoesToTheFile() throws Exception {
    try (OutputSpool spool = new OutputSpool(10, directory, true)) {
      for (int i = 0; i < 1_000; i++) {
        spool.put(new byte[] {(byte) i, 1, 2});
      }
      spool.end();
      assertThat(directory).isEmptyDirectory(); // It has no name any more.
      spool.release();
      assertThat(drain(spool)).hasSize(3_000);
    }
  }

  /** Nobody takes anything and nothing can be written: the command must go on all the same. */
  @Test
  void whatHasNoRoomIsCounted() throws Exception {
    try (OutputSpool spool = new OutputSpool(10, directory.resolve("missing"), true)) {
      spool.put(new byte[10]);
      spool.put(new byte[7]);
      spool.put(new byte[5]);
      spool.end();
      spool.release();
      assertThat(drain(spool)).hasSize(10);
      assertThat(spool.loss()).contains("12 bytes of output are lost", "missing");
    }
  }

  /** Somebody takes: then it waits, and nothing is lost. */
  @Test
  void withoutAFileItWaits() throws Exception {
    try (OutputSpool spool = new OutputSpool(10, directory.resolve("missing"), false)) {
      CompletableFuture<byte[]> taken = CompletableFuture.supplyAsync(() -> drain(spool));
      for (int i = 0; i < 1_000; i++) {
        spool.put(new byte[7]);
      }
      spool.end();
      assertThat(taken.get(30, TimeUnit.SECONDS)).hasSize(7_000);
      assertThat(spool.loss()).isNull();
    }
  }
}
