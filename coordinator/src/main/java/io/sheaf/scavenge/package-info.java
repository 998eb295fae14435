/**
 * Scavengers: a coordinator claims an archive, has its pending batches merged and lets go; one
 * coordinator leads and does what must be done once for a session.
 *
 * <p>Start at {@link io.sheaf.scavenge.CoordinatorDaemon}. Everything here can be lost at any
 * moment: a new leader finds all of it again in the files and in ZooKeeper.
 */
@NullMarked
package io.sheaf.scavenge;

import org.jspecify.annotations.NullMarked;
