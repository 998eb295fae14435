package io.sheaf.zkinit;

import io.sheaf.conf.Secret;
import org.apache.zookeeper.data.Id;
import org.jspecify.annotations.Nullable;

/**
 * A user of a plan.
 *
 * @param id as it stands in ACLs
 * @param password null for a user whom ZooKeeper knows by other means, or by a hash
 */
record PlanUser(Id id, @Nullable Secret password) {
  /** {@code scheme:id}. */
  String text() {
    return id.getScheme() + ":" + id.getId();
  }
}
