/**
 * Archives: their ledger and journal, the merge of batches into them, recovery after a crash, and
 * the check of a base directory. Nothing here knows ZooKeeper: the files are enough.
 *
 * <p>Start at {@link io.sheaf.archive.Consolidator}; {@link io.sheaf.archive.Verifier} is the
 * oracle.
 */
@NullMarked
package io.sheaf.archive;

import org.jspecify.annotations.NullMarked;
