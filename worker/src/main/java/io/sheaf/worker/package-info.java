/**
 * The worker: a process that takes deposits over HTTP on a unix socket, and publishes what it has
 * sealed.
 *
 * <p>Start at {@link io.sheaf.worker.WorkerDaemon}.
 */
@NullMarked
package io.sheaf.worker;

import org.jspecify.annotations.NullMarked;
