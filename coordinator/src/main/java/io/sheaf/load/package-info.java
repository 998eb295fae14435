/**
 * Many files that are deposited to try a cluster, and written down one by one: {@link
 * io.sheaf.load.Load}.
 */
@NullMarked
package io.sheaf.load;

import org.jspecify.annotations.NullMarked;
