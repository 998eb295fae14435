package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import io.sheaf.deposit.MemoryBudget;

/**
 * Reads little at a time while memory is short. A connection is only paused after a read, so with
 * thousands of them a read of each must not be much.
 */
final class BudgetedReads implements RecvByteBufAllocator {
  private static final int LITTLE = 1 << 10;

  private final RecvByteBufAllocator plenty;
  private final MemoryBudget memory;

  BudgetedReads(RecvByteBufAllocator plenty, MemoryBudget memory) {
    this.plenty = plenty;
    this.memory = memory;
  }

  @Override
  @SuppressWarnings("deprecation") // It is what a channel asks for.
  public Handle newHandle() {
    return new Reads((ExtendedHandle) plenty.newHandle());
  }

  @SuppressWarnings("deprecation") // It is what a channel asks for.
  private final class Reads implements ExtendedHandle {
    private final ExtendedHandle handle;

    Reads(ExtendedHandle handle) {
      this.handle = handle;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return memory.isOver() ? allocator.ioBuffer(LITTLE) : handle.allocate(allocator);
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return !memory.isOver() && handle.continueReading(maybeMore);
    }

    @Override
    public boolean continueReading() {
      return !memory.isOver() && handle.continueReading();
    }

    @Override
    public int guess() {
      return handle.guess();
    }

    @Override
    public void reset(ChannelConfig config) {
      handle.reset(config);
    }

    @Override
    public void incMessagesRead(int count) {
      handle.incMessagesRead(count);
    }

    @Override
    public void lastBytesRead(int bytes) {
      handle.lastBytesRead(bytes);
    }

    @Override
    public int lastBytesRead() {
      return handle.lastBytesRead();
    }

    @Override
    public void attemptedBytesRead(int bytes) {
      handle.attemptedBytesRead(bytes);
    }

    @Override
    public int attemptedBytesRead() {
      return handle.attemptedBytesRead();
    }

    @Override
    public void readComplete() {
      handle.readComplete();
    }
  }
}
