package io.sheaf.adopt;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What keeps a scavenger of rear away from an inbox while it is taken over. */
public interface PeerLock {
  /** For inboxes that no scavenger of rear looks at. */
  PeerLock NONE = inbox -> Optional.of(() -> {});

  /** Takes it without waiting; empty when another process has it. */
  Optional<Held> tryLock(Path inbox) throws IOException;

  /** Whether a process of this node, other than this one, has a zip open. */
  default boolean isOpen(Path zip) throws IOException {
    return false;
  }

  /** The lock, held until it is closed. */
  interface Held extends Closeable {
    /** Returns while the lock is held. */
    default void ensureValid() throws IOException {}
  }
}
