/**
 * A command whose output becomes entries while it runs, and whose files do when it has ended:
 * {@link io.sheaf.exec.Exec}.
 */
@NullMarked
package io.sheaf.exec;

import org.jspecify.annotations.NullMarked;
