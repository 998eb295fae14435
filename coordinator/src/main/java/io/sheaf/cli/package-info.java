/**
 * The command line: parse, call, print. The entry type is {@link io.sheaf.cli.Sheaf}; nothing here
 * knows how a batch is written or an archive merged.
 */
@NullMarked
package io.sheaf.cli;

import org.jspecify.annotations.NullMarked;
