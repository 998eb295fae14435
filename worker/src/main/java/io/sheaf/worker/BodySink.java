package io.sheaf.worker;

import io.netty.buffer.ByteBuf;

/** Where a body goes that is not gathered in memory. For the connection's event loop. */
interface BodySink {
  /** Adds a piece, which is released here. */
  void offer(ByteBuf piece);

  /** The body is complete. */
  void complete();

  /** The body will never be complete. */
  void abort();

  /** Bytes that wait to be taken. */
  long queued();

  /** Whether so many wait; then whoever offers them is told when they have become few. */
  default boolean isBehind(long limit) {
    return queued() >= limit;
  }

  /** Whether nothing is taken any more, so that the rest of the body is of no use. */
  boolean isFailed();
}
