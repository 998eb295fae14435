/**
 * A directory in which programs leave files that are to become entries, for those that know of
 * nothing but files.
 *
 * <p>Start at {@link io.sheaf.spool.SpoolDoor}.
 */
@NullMarked
package io.sheaf.spool;

import org.jspecify.annotations.NullMarked;
