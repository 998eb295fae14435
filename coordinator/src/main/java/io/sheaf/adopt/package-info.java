/**
 * Zips that others made, and batches that came by other transports: how they get into the inbox,
 * each once. What lies there is merged as ever.
 *
 * <p>Start at {@link io.sheaf.adopt.Adoption}, for a directory that rear's workers write to, and
 * {@link io.sheaf.adopt.Delivery}, for a file or a stream.
 */
@NullMarked
package io.sheaf.adopt;

import org.jspecify.annotations.NullMarked;
