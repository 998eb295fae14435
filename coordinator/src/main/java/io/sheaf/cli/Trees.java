package io.sheaf.cli;

import io.sheaf.conf.Access;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.session.Reach;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import java.io.IOException;

/** Connects with the ZooKeeper of a session, to look after it. */
final class Trees {
  private Trees() {}

  /** With the servers that are configured, or those that run inside the session's job. */
  static Tree connect(Settings settings, Disk disk) throws IOException {
    return Tree.connect(TreeOptions.of(Reach.complete(settings, disk), Access.ADMIN));
  }
}
