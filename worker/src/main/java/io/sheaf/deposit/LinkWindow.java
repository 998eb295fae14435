package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
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

  /** Held by this. */
  private final Deque<TarBlock> blocks = new ArrayDeque<>();

  /** Made when the first link is looked for; most streams have none. */
  private @Nullable Map<String, Member> byName;

  /** What a link may mean; the block is held by the window only. */
  record Member(ByteBuffer contents, TarBlock block) {}

  LinkWindow(Semaphore memory) {
    this.memory = memory;
  }

  /** Room for a member of that size; null when there is none. */
  byte @Nullable [] begin(long size) {
    return size <= BYTES && hasRoom((int) size) ? new byte[(int) size] : null;
  }

  private boolean hasRoom(int size) {
    while (!memory.tryAcquire(size)) {
      TarBlock oldest = blocks.poll();
      if (oldest == null) {
        return false;
      }
      drop(oldest);
    }
    return true;
  }

  private void drop(TarBlock oldest) {
    memory.release(oldest.bytes.length);
    Map<String, Member> known = byName;
    for (int i = 0; known != null && i < oldest.members(); i++) {
      Member member = known.get(oldest.name(i));
      if (member != null && member.block() == oldest) {
        known.remove(oldest.name(i));
      }
    }
    oldest.letGo();
  }

  /** Gives up room for a member that has not come. */
  void discard(byte @Nullable [] contents) {
    memory.release(contents == null ? 0 : contents.length);
  }

  /** Keeps a member for which there was room. */
  void end(String name, byte @Nullable [] contents) {
    if (contents != null) {
      TarBlock block = new TarBlock(contents, null).hold();
      blocks.add(block);
      add(block, name, 0, contents.length);
    }
  }

  /** Keeps a member, in a block that others may be in. */
  void add(String name, ByteBuffer contents, TarBlock block) {
    if (blocks.peekLast() != block) {
      if (!hasRoom(block.bytes.length)) {
        return;
      }
      blocks.add(block.hold());
    }
    add(block, name, contents.arrayOffset() + contents.position(), contents.remaining());
  }

  private void add(TarBlock block, String name, int from, int length) {
    block.add(name, from, length);
    Map<String, Member> known = byName;
    if (known != null) {
      known.put(name, new Member(block.contents(block.members() - 1), block));
    }
  }

  /** A member that is not long ago. */
  Member find(String name) throws DepositException {
    Map<String, Member> known = byName;
    if (known == null) {
      known = index();
      byName = known;
    }
    Member member = known.get(name);
    if (member == null) {
      throw new DepositException(
          Kind.REFUSED,
          "it is a hard link to "
              + name
              + ", which is not among the last "
              + (BYTES >> 20)
              + " MiB of the stream");
    }
    return new Member(member.contents().duplicate(), member.block());
  }

  private Map<String, Member> index() {
    Map<String, Member> all = new HashMap<>();
    for (TarBlock block : blocks) {
      for (int i = 0; i < block.members(); i++) {
        all.put(block.name(i), new Member(block.contents(i), block));
      }
    }
    return all;
  }

  @Override
  public void close() {
    byName = null;
    for (TarBlock block : blocks) {
      memory.release(block.bytes.length);
      block.letGo();
    }
    blocks.clear();
  }
}
