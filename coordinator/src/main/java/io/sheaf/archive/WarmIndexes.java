package io.sheaf.archive;

import io.sheaf.zip.NameIndex;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Name indexes of archives that this coordinator merged into last, for its next merge of each. One
 * is good only for the very state of the archive after which it was kept: others may have merged
 * meanwhile, and the ledger tells.
 */
final class WarmIndexes {
  private final long limit;
  private final Map<String, Kept> kept = new LinkedHashMap<>();
  private long memory;

  /**
   * @param limit bytes that they may take together
   */
  WarmIndexes(long limit) {
    this.limit = limit;
  }

  private record Kept(long epoch, Ledger.Contents contents, NameIndex names) {}

  /** Takes out the index of an archive; null when there is none for this state of it. */
  synchronized @Nullable NameIndex take(Ledger ledger) {
    Kept found = kept.remove(ledger.archive());
    if (found == null) {
      return null;
    }
    memory -= found.names().memory();
    boolean same = found.epoch() == ledger.epoch() && found.contents().equals(ledger.contents());
    return same ? found.names() : null;
  }

  /** As {@link #take}, but it stays: for who only finds names by it, as others may at once. */
  synchronized @Nullable NameIndex look(Ledger ledger) {
    Kept found = kept.get(ledger.archive());
    if (found == null || found.epoch() != ledger.epoch()) {
      return null;
    }
    return found.contents().equals(ledger.contents()) ? found.names() : null;
  }

  /** Keeps an index; those that were kept for longest make room. */
  synchronized void keep(Ledger ledger, NameIndex names) {
    if (names.memory() > limit) {
      return;
    }
    Kept before = kept.remove(ledger.archive());
    memory -= before == null ? 0 : before.names().memory();
    kept.put(ledger.archive(), new Kept(ledger.epoch(), ledger.contents(), names));
    memory += names.memory();
    Iterator<Kept> oldest = kept.values().iterator();
    while (memory > limit) {
      memory -= oldest.next().names().memory();
      oldest.remove();
    }
  }
}
