/**
 * The command line: commands parse, call and print, nothing else. Data goes to the command's output
 * stream, progress and errors to its error stream.
 *
 * <p>Start at {@link io.sheaf.cli.Sheaf}.
 */
@NullMarked
package io.sheaf.cli;

import org.jspecify.annotations.NullMarked;
