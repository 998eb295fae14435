package io.sheaf.scavenge;

import io.sheaf.archive.Tidying;
import io.sheaf.batch.BaseGoneException;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.TreeClaim;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tidies the base directory at the end of a session, under a claim that sessions have one at a
 * time. What cannot be put away stays; that keeps no session from its end.
 */
final class BaseTidying {
  private static final Logger LOG = LoggerFactory.getLogger(BaseTidying.class);

  /** No archive has such a name. */
  private static final ArchiveKey KEY = ArchiveKey.of(".sheaf/ledgers.json");

  private final Coordination in;
  private final Locking locking;

  BaseTidying(Coordination in, Locking locking) {
    this.in = in;
    this.locking = locking;
  }

  /**
   * Does what can be done now.
   *
   * @throws BaseGoneException when the base directory is not there: nothing is known of it then
   */
  void run() throws IOException {
    try {
      claimed();
    } catch (BaseGoneException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("not everything in the base directory could be put away: {}", e.getMessage());
    }
  }

  private void claimed() throws IOException {
    if (locking.isBroken()) {
      LOG.info("POSIX locks do not work here: ledgers stay in files of their own");
    }
    Optional<TreeClaim> claim = in.tree().tryClaim(in.base().id(), KEY, in.id());
    if (claim.isEmpty()) {
      LOG.info("another session puts things away in {}", in.base().root());
      return;
    }
    try (TreeClaim held = claim.get()) {
      Tidying tidying = new Tidying(in.disk(), in.base(), Set.of(in.id()));
      Tidying.Tidied tidied =
          locking.isBroken() ? tidying.removeEmpty() : tidying.run(held::ensureValidNow);
      LOG.info(
          "{} ledgers folded into one file, {} files and directories removed",
          tidied.folded(),
          tidied.removed());
    }
  }
}
