package io.sheaf.deposit;

import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that a client has named, to be read by a worker that may be allowed more than the client:
 * it must be the client's own.
 *
 * @param uid of the client
 * @param path absolute
 * @param links whether links are followed, on the way and at its end
 */
public record OthersFile(int uid, Path path, boolean links) {
  /**
   * Deposits it.
   *
   * @param durability null for the default
   * @param remove whether it is removed once the entry has the durability
   * @param id of the deposit; null for none
   * @throws DepositException when it was not taken; FAILED too when only the removal failed
   */
  public void pickUp(
      Lanes lanes,
      String target,
      @Nullable Durability durability,
      boolean remove,
      @Nullable String id)
      throws IOException {
    Confined.Rules rules = new Confined.Rules(links, false, false);
    PickupOptions keep = new PickupOptions(durability, false, rules);
    try (ConfinedFile file = Confined.of(uid, path, rules);
        LaneDepositor depositor = new LaneDepositor(lanes, uid)) {
      Pickup.run(depositor, file, target, keep, id);
      if (remove) {
        remove(file);
      }
    }
  }

  private void remove(ConfinedFile file) throws DepositException {
    try {
      file.remove();
    } catch (IOException e) {
      throw new DepositException(
          Kind.FAILED,
          "the entry was taken, and " + path + " could not be removed: " + Failures.oneLine(e),
          e);
    }
  }
}
