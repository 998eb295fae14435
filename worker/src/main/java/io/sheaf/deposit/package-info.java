/**
 * The way in for programs: deposit bytes, streams and files, each acknowledged when it has the
 * durability that was asked for.
 *
 * <p>Start at {@link io.sheaf.deposit.Depositor}. A program talks to the worker of its node through
 * {@link io.sheaf.deposit.SocketDepositor}; the worker itself keeps {@link io.sheaf.deposit.Lanes},
 * one ordered lane an archive, which fill, rotate and seal the batches.
 */
@NullMarked
package io.sheaf.deposit;

import org.jspecify.annotations.NullMarked;
