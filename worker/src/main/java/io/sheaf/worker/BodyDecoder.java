package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds the contents in the body of a request that may go on for ever (RFC 9112, 6 and 7.1), read
 * by read, without an object for each chunk: a log of short lines has millions of them.
 */
final class BodyDecoder {
  private static final int LONGEST_LINE = 16 << 10;

  private enum State {
    SIZE,
    EXTENSION,
    CONTENTS,
    CONTENTS_END,
    TRAILER,
    END
  }

  private final boolean chunked;
  private State state;
  private long left;
  private int digits;
  private int lineLength;
  private @Nullable String problem;

  private BodyDecoder(boolean chunked, long length) {
    this.chunked = chunked;
    this.left = length;
    this.state = chunked ? State.SIZE : length == 0 ? State.END : State.CONTENTS;
  }

  static BodyDecoder chunked() {
    return new BodyDecoder(true, 0);
  }

  static BodyDecoder ofLength(long length) {
    return new BodyDecoder(false, length);
  }

  /**
   * Moves the contents in a buffer together, so that they stand at the place where it was read
   * from; the reader's index is then behind all that belongs to the body.
   *
   * @return how many bytes of contents there are, up to a {@link #problem} if there is one
   */
  int decode(ByteBuf in) {
    int start = in.readerIndex();
    int from = start;
    int to = start;
    int end = in.writerIndex();
    while (from < end && state != State.END && problem == null) {
      if (state == State.CONTENTS) {
        int n = (int) Math.min(left, end - from);
        if (to != from) {
          in.setBytes(to, in, from, n);
        }
        to += n;
        from += n;
        left -= n;
        if (left == 0) {
          state = chunked ? State.CONTENTS_END : State.END;
        }
      } else {
        framing(in.getByte(from++));
      }
    }
    in.readerIndex(from);
    return to - start;
  }

  private void framing(byte b) {
    switch (state) {
      case SIZE -> size(b);
      case EXTENSION -> {
        limitLine();
        if (b == '\n') {
          begin();
        }
      }
      case CONTENTS_END -> {
        if (b == '\n') {
          state = State.SIZE;
        } else if (b != '\r') {
          problem = "a chunk is longer than it says";
        }
      }
      case TRAILER -> trailer(b);
      default -> throw new IllegalStateException(state.toString());
    }
  }

  private void size(byte b) {
    int digit = Character.digit(b, 16);
    if (digit >= 0 && digits < 15) {
      left = left << 4 | digit;
      digits++;
    } else if (digits == 0 || digit >= 0) {
      problem = "a chunk does not begin with its size";
    } else if (b == '\n') {
      begin();
    } else if (b == '\r' || b == ';' || b == ' ' || b == '\t') {
      state = State.EXTENSION;
      lineLength = 0;
    } else {
      problem = "a chunk does not begin with its size";
    }
  }

  private void begin() {
    state = left == 0 ? State.TRAILER : State.CONTENTS;
    digits = 0;
    lineLength = 0;
  }

  /** Fields after the last chunk mean nothing here; an empty line ends them. */
  private void trailer(byte b) {
    if (b == '\n') {
      if (lineLength == 0) {
        state = State.END;
      }
      lineLength = 0;
    } else if (b != '\r') {
      limitLine();
    }
  }

  private void limitLine() {
    if (++lineLength > LONGEST_LINE) {
      problem = "a line of a chunked body is too long";
    }
  }

  /** Why this is no chunked body; null while it may be one. Nothing can be read after it. */
  @Nullable String problem() {
    return problem;
  }

  /** Whether the body is complete. */
  boolean isEnded() {
    return state == State.END;
  }
}
