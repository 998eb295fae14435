package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import java.util.Iterator;
import java.util.LinkedHashMap;
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
  private final Map<String, byte[]> last = new LinkedHashMap<>();

  LinkWindow(Semaphore memory) {
    this.memory = memory;
  }

  /** Room for a member of that size; null when there is none. */
  byte @Nullable [] begin(long size) {
    return size <= BYTES && hasRoom((int) size) ? new byte[(int) size] : null;
  }

  private boolean hasRoom(int size) {
    while (!memory.tryAcquire(size)) {
      Iterator<byte[]> oldest = last.values().iterator();
      if (!oldest.hasNext()) {
        return false;
      }
      memory.release(oldest.next().length);
      oldest.remove();
    }
    return true;
  }

  /** Gives up room for a member that has not come. */
  void discard(byte @Nullable [] contents) {
    memory.release(contents == null ? 0 : contents.length);
  }

  /** Keeps a member for which there was room. */
  void end(String name, byte @Nullable [] contents) {
    if (contents != null) {
      byte[] before = last.remove(name);
      memory.release(before == null ? 0 : before.length);
      last.put(name, contents);
    }
  }

  void add(String name, byte[] contents) {
    if (hasRoom(contents.length)) {
      end(name, contents);
    }
  }

  /** The contents of a member that is not long ago. */
  byte[] find(String name) throws DepositException {
    byte[] contents = last.get(name);
    if (contents == null) {
      throw new DepositException(
          Kind.REFUSED,
          "it is a hard link to "
              + name
              + ", which is not among the last "
              + (BYTES >> 20)
              + " MiB of the stream");
    }
    return contents;
  }

  @Override
  public void close() {
    last.values().forEach(contents -> memory.release(contents.length));
    last.clear();
  }
}
