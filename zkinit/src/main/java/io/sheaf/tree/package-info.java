/**
 * Sheaf's part of ZooKeeper: the layout of the znodes, the records in them, and the port through
 * which everything else reaches them, with errors that say whether to try again.
 *
 * <p>This package knows no files. ZooKeeper coordinates; the files in the base directory are the
 * truth.
 */
@NullMarked
package io.sheaf.tree;

import org.jspecify.annotations.NullMarked;
