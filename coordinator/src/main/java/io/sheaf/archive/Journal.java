package io.sheaf.archive;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change in flight, written before the archive is touched. It leads from one epoch to the next.
 *
 * @param version of this format, {@value #VERSION}
 * @param ledger with {@code REPLACE} and {@code ROLL} that which commits it, of epoch {@code from +
 *     1}; with {@code IN_PLACE} that of the archive before, of epoch {@code from}
 * @param from epoch before
 * @param image with {@code IN_PLACE}: what the copy of the old directory holds
 * @param volume with {@code ROLL}: the ledger of the volume that the contents become
 */
record Journal(
    int version,
    Strategy strategy,
    long from,
    Ledger ledger,
    @Nullable Image image,
    @Nullable Ledger volume) {
  static final int VERSION = 2;

  /** What is changed, and how it is finished or undone. */
  enum Strategy {
    /** A staged file takes the archive's place. */
    @JsonProperty("replace")
    REPLACE,
    /** The archive is overwritten from its old directory on. */
    @JsonProperty("in-place")
    IN_PLACE,
    /** The archive gets another name. */
    @JsonProperty("roll")
    ROLL
  }

  /**
   * The pre-image: all of the archive from its old directory on.
   *
   * @param length of the file in bytes
   * @param crc32c of it
   */
  record Image(long length, int crc32c) {}

  Journal {
    // A field that is missing in the JSON is null, whatever the types say.
    Objects.requireNonNull(strategy, "strategy");
    Objects.requireNonNull(ledger, "ledger");
    if (strategy == Strategy.IN_PLACE) {
      Objects.requireNonNull(image, "image");
    }
    if (strategy == Strategy.ROLL) {
      Objects.requireNonNull(volume, "volume");
    }
  }

  static Journal replace(Ledger before, Ledger next) {
    return new Journal(VERSION, Strategy.REPLACE, before.epoch(), next, null, null);
  }

  static Journal inPlace(Ledger before, Image image) {
    return new Journal(VERSION, Strategy.IN_PLACE, before.epoch(), before, image, null);
  }

  static Journal roll(Ledger before, Ledger next, Ledger volume) {
    return new Journal(VERSION, Strategy.ROLL, before.epoch(), next, null, volume);
  }
}
