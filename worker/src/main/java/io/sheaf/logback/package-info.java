/**
 * A service's log straight into an archive, for Logback: {@link io.sheaf.logback.SheafAppender}.
 * Logback is the program's own; nothing of Sheaf needs this package.
 */
@NullMarked
package io.sheaf.logback;

import org.jspecify.annotations.NullMarked;
