/**
 * The life of a session as its user sees it: its status, its end, and the small sessions that run
 * on one machine.
 *
 * <p>Start at {@link io.sheaf.session.SessionStatus}, {@link io.sheaf.session.Drain}, {@link
 * io.sheaf.session.LocalSession} and {@link io.sheaf.session.Demo}.
 */
@NullMarked
package io.sheaf.session;

import org.jspecify.annotations.NullMarked;
