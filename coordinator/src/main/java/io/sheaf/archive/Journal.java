package io.sheaf.archive;

import java.util.Objects;

/**
 * A merge in flight, written before the archive is touched.
 *
 * @param version of this format, {@value #VERSION}
 * @param strategy {@value #REPLACE}: the staged file takes the archive's place
 * @param from epoch before the merge
 * @param ledger that commits it, of epoch {@code from + 1}; its length and tail are those of the
 *     staged file
 */
record Journal(int version, String strategy, long from, Ledger ledger) {
  static final int VERSION = 1;

  Journal {
    // A field that is missing in the JSON is null, whatever the types say.
    Objects.requireNonNull(ledger, "ledger");
  }

  static final String REPLACE = "replace";
}
