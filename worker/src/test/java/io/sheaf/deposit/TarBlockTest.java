package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** Blocks are used again, but never while somebody needs what is in them. */
final class TarBlockTest {
  private final SpareBlocks spare = new SpareBlocks();

  @Test
  void isUsedAgainOnceNobodyHoldsIt() {
    TarBlock block = spare.take().hold().hold();
    block.add("a", 1, 2);
    block.letGo();
    assertThat(spare.take()).isNotSameAs(block);
    assertThat(block.members()).isEqualTo(1);
    block.letGo();
    assertThat(spare.take()).isSameAs(block);
    assertThat(block.members()).isZero();
  }

  /** What is on its way, or may be linked to, stays as it is while the stream goes on. */
  @Test
  void staysAsItIsWhileItIsHeld() throws IOException, DepositException {
    byte[] stream = new byte[8 * TarBlock.BYTES];
    Arrays.fill(stream, 0, 1_000, (byte) 1);
    Arrays.fill(stream, 1_000, stream.length, (byte) 2);
    Semaphore memory = new Semaphore(LinkWindow.BYTES);
    LinkWindow window = new LinkWindow(memory);
    try (TarBlocks blocks = new TarBlocks(new ByteArrayInputStream(stream), spare)) {
      ByteBuffer first = blocks.take(1_000);
      window.add("first", first, blocks.block());
      TarBlock held = window.find("first").block().hold();
      while (blocks.take(1_000).remaining() == 1_000) {
        // Goes on to the end.
      }
      window.close();
      assertThat(memory.availablePermits()).isEqualTo(LinkWindow.BYTES);
      for (int i = 0; i < 20; i++) {
        assertThat(spare.take()).isNotSameAs(held);
      }
      byte[] read = new byte[1_000];
      first.get(read);
      assertThat(read).containsOnly(1);
    }
  }
}
