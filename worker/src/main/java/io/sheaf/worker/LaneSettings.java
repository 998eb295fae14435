package io.sheaf.worker;

import io.sheaf.batch.Compression;
import io.sheaf.conf.Duplicates;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.LaneOptions;

/** What settings say of the lanes of a worker, or of a process that deposits without one. */
final class LaneSettings {
  private LaneSettings() {}

  /**
   * @param memory bytes that contents may take at most, whatever is set
   */
  static LaneOptions of(Settings settings, long memory) {
    return new LaneOptions(
        Compression.of(settings.get(Keys.COMPRESSION)),
        settings.get(Keys.ROTATE_INTERVAL),
        settings.get(Keys.ROTATE_BYTES),
        settings.get(Keys.ROTATE_ENTRIES),
        settings.get(Keys.DURABILITY),
        settings.get(Keys.MAX_OPEN),
        Math.min(settings.get(Keys.MEMORY_LIMIT), memory),
        settings.get(Keys.MAX_ENTRY_BYTES),
        settings.get(Keys.DUPLICATES) == Duplicates.ERROR,
        settings.get(Keys.SYMLINKS));
  }
}
