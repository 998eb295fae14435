/**
 * The one port to files. It says what is durable when, publishes files atomically and holds POSIX
 * locks; nothing else in Sheaf syncs, renames or locks.
 *
 * <p>Start at {@link io.sheaf.disk.Disk}.
 */
@NullMarked
package io.sheaf.disk;

import org.jspecify.annotations.NullMarked;
