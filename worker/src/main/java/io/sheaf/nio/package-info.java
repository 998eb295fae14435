/**
 * Archives as a file system for {@code java.nio.file}, scheme {@code sheaf}: writes are deposits,
 * reads see what is open, pending and merged, over the socket of a worker.
 *
 * <p>Programs use {@link java.nio.file.Files}, and {@link io.sheaf.nio.SheafFiles} for what that
 * cannot say.
 */
@NullMarked
package io.sheaf.nio;

import org.jspecify.annotations.NullMarked;
