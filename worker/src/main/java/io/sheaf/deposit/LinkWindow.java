package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The last members of a tar stream, of which a later one may be a hard link. They take memory that
 * all streams share, so that many streams at once have less each.
 */
final class LinkWindow implements AutoCloseable {
  /** Bytes that a window has if it is alone. */
  static final int BYTES = 64 << 20;

  private final Semaphore memory;
  private final Deque<Block> blocks = new ArrayDeque<>();

  /** Made when the first link is looked for; most streams have none. */
  private @Nullable Map<String, ByteBuffer> byName;

  /** Bytes that members are parts of, and these. */
  private static final class Block {
    private final byte[] bytes;
    private final List<String> names = new ArrayList<>();
    private int[] places = new int[64];

    Block(byte[] bytes) {
      this.bytes = bytes;
    }

    void add(String name, int from, int length) {
      int i = 2 * names.size();
      if (i == places.length) {
        places = Arrays.copyOf(places, 2 * i);
      }
      places[i] = from;
      places[i + 1] = length;
      names.add(name);
    }

    ByteBuffer contents(int member) {
      return ByteBuffer.wrap(bytes, places[2 * member], places[2 * member + 1]);
    }
  }

  LinkWindow(Semaphore memory) {
    this.memory = memory;
  }

  /** Room for a member of that size; null when there is none. */
  byte @Nullable [] begin(long size) {
    return size <= BYTES && hasRoom((int) size) ? new byte[(int) size] : null;
  }

  private boolean hasRoom(int size) {
    while (!memory.tryAcquire(size)) {
      Block oldest = blocks.poll();
      if (oldest == null) {
        return false;
      }
      drop(oldest);
    }
    return true;
  }

  private void drop(Block oldest) {
    memory.release(oldest.bytes.length);
    Map<String, ByteBuffer> known = byName;
    if (known != null) {
      for (String name : oldest.names) {
        ByteBuffer contents = known.get(name);
        if (contents != null && isOf(contents, oldest)) {
          known.remove(name);
        }
      }
    }
  }

  private static boolean isOf(ByteBuffer contents, Block block) {
    return arrayOf(contents) == block.bytes; // which array it is, not what is in it
  }

  @SuppressWarnings("ByteBufferBackingArray") // of which it may be any part
  private static byte[] arrayOf(ByteBuffer contents) {
    return contents.array();
  }

  /** Gives up room for a member that has not come. */
  void discard(byte @Nullable [] contents) {
    memory.release(contents == null ? 0 : contents.length);
  }

  /** Keeps a member for which there was room. */
  void end(String name, byte @Nullable [] contents) {
    if (contents != null) {
      Block block = new Block(contents);
      blocks.add(block);
      add(block, name, ByteBuffer.wrap(contents));
    }
  }

  /** Keeps a member, which is a part of an array that others may be parts of. */
  void add(String name, ByteBuffer contents) {
    Block last = blocks.peekLast();
    if (last == null || !isOf(contents, last)) {
      if (!hasRoom(arrayOf(contents).length)) {
        return;
      }
      last = new Block(arrayOf(contents));
      blocks.add(last);
    }
    add(last, name, contents);
  }

  private void add(Block block, String name, ByteBuffer contents) {
    block.add(name, contents.arrayOffset() + contents.position(), contents.remaining());
    if (byName != null) {
      byName.put(name, contents.duplicate());
    }
  }

  /** The contents of a member that is not long ago. */
  ByteBuffer find(String name) throws DepositException {
    Map<String, ByteBuffer> known = byName;
    if (known == null) {
      known = index();
      byName = known;
    }
    ByteBuffer contents = known.get(name);
    if (contents == null) {
      throw new DepositException(
          Kind.REFUSED,
          "it is a hard link to "
              + name
              + ", which is not among the last "
              + (BYTES >> 20)
              + " MiB of the stream");
    }
    return contents.duplicate();
  }

  private Map<String, ByteBuffer> index() {
    Map<String, ByteBuffer> all = new HashMap<>();
    for (Block block : blocks) {
      for (int i = 0; i < block.names.size(); i++) {
        all.put(block.names.get(i), block.contents(i));
      }
    }
    return all;
  }

  @Override
  public void close() {
    blocks.forEach(block -> memory.release(block.bytes.length));
    blocks.clear();
    byName = null;
  }
}
