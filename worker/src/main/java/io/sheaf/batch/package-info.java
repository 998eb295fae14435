/**
 * Batches: the temporary zips in which a worker collects the entries of one archive, from the open
 * {@code .part} to the closed file that describes itself, and their rescue when a worker died.
 *
 * <p>Start at {@link io.sheaf.batch.BatchWriter} and {@link io.sheaf.batch.BatchFile}; {@link
 * io.sheaf.batch.BaseDirectory} says where everything lies.
 */
@NullMarked
package io.sheaf.batch;

import org.jspecify.annotations.NullMarked;
