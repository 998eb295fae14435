package io.sheaf.archive;

import io.sheaf.conf.CommitStrategy;

/** The same merges, with the archive overwritten instead of replaced. */
class InPlaceConsolidatorTest extends ConsolidatorTest {
  @Override
  CommitStrategy strategy() {
    return CommitStrategy.IN_PLACE;
  }
}
