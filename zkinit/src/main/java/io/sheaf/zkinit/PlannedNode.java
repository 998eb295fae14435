package io.sheaf.zkinit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.data.ACL;

/**
 * One znode of a plan.
 *
 * @param value its data when it is created; data of one that exists are left alone
 * @param makepath whether missing parents are created with the same ACL
 */
record PlannedNode(String path, String value, List<ACL> acl, boolean makepath) {
  byte[] data() {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  /** Parents to be made if missing, outermost first. */
  List<String> parents() {
    List<String> parents = new ArrayList<>();
    if (makepath) {
      for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
        parents.add(path.substring(0, slash));
      }
    }
    return parents;
  }

  PlannedNode asParent(String parent) {
    return new PlannedNode(parent, "", acl, false);
  }
}
