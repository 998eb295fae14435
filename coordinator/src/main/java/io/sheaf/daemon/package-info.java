/**
 * What a process that runs for long has to do with its system: start detached, say when it serves,
 * its pid file and its log file, signals, and the service manager.
 *
 * <p>Start at {@link io.sheaf.daemon.Service} and {@link io.sheaf.daemon.Detached}.
 */
@NullMarked
package io.sheaf.daemon;

import org.jspecify.annotations.NullMarked;
