package io.sheaf.deposit;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Puts entries into archives. A target is {@code ar.zip/rel/path}: the first component that ends in
 * {@code .zip} ends the archive, the rest names the entry. May be used by several threads.
 *
 * <p>When a call that ends a deposit returns, the entry is in an open batch with the stated
 * durability and will be in its archive once. When it throws a {@link DepositException} of a kind
 * other than {@link DepositException.Kind#FAILED}, nothing of it is kept.
 */
public interface Depositor extends Closeable {
  /**
   * Begins an entry of any size.
   *
   * @throws DepositException when the target or the moment does not allow it; some refusals come
   *     only with a later write or with the close
   */
  DepositStream open(String target, DepositOptions options) throws IOException;

  /**
   * Begins a log that is appended to, and that becomes an entry when it is closed, or several while
   * it goes on.
   */
  AppendStream append(String target, AppendOptions options) throws IOException;

  /** Deposits the remaining bytes of a buffer, which must not change before this returns. */
  void deposit(String target, ByteBuffer contents, DepositOptions options) throws IOException;

  /** Deposits bytes, which must not change before this returns. */
  default void deposit(String target, byte[] contents, DepositOptions options) throws IOException {
    deposit(target, ByteBuffer.wrap(contents), options);
  }

  /**
   * Deposits a file that another program wrote, with its time of modification. It must be a regular
   * file of this user and of one name, not a link to one, unless the options say otherwise, and
   * must not change meanwhile. It is removed only when that is asked, and only after the entry has
   * the stated durability.
   */
  default void pickup(Path file, String target, PickupOptions options) throws IOException {
    try (ConfinedFile opened = Confined.named(file, options.rules())) {
      pickup(opened, target, options);
    }
  }

  /** As above, with a file that was opened below a directory that it must not lead out of. */
  default void pickup(ConfinedFile file, String target, PickupOptions options) throws IOException {
    Pickup.run(this, file, target, options);
  }
}
