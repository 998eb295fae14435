package io.sheaf.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ephemeral znodes of workers and coordinators. */
final class Members {
  private static final Logger log = LoggerFactory.getLogger(Members.class);

  private final Znodes znodes;
  private final Bulk bulk;
  private final TreeLayout layout;

  Members(Znodes znodes, Bulk bulk, TreeLayout layout) {
    this.znodes = znodes;
    this.bulk = bulk;
    this.layout = layout;
  }

  Registration register(String session, Role role, MemberRecord member) {
    String path = layout.members(session, role) + "/" + member.id();
    EphemeralNode node = new EphemeralNode(znodes, session, path, Codec.MEMBER.encode(member));
    node.start();
    return node;
  }

  List<MemberRecord> list(String session, Role role) {
    String parent = layout.members(session, role);
    List<String> paths =
        znodes.children(parent).stream().sorted().map(id -> parent + "/" + id).toList();
    List<MemberRecord> members = new ArrayList<>();
    bulk.data(paths).forEach((path, data) -> members.add(decode(path, data)));
    return members;
  }

  /**
   * Whatever it says, somebody is registered under that id, which is one component of a path:
   * whoever waits for it, or leaves its batches to it, must not overlook it.
   */
  private static MemberRecord decode(String path, byte[] data) {
    String id = path.substring(path.lastIndexOf('/') + 1);
    try {
      MemberRecord member = Codec.MEMBER.decode(data, path);
      if (member.id().equals(id)) {
        return member;
      }
    } catch (TreeDamagedException e) {
      log.debug("{}", e.getMessage());
    }
    return new MemberRecord(MemberRecord.VERSION, id, "?", 0, null, "?", 0);
  }

  Watch watch(String session, Role role, Consumer<List<MemberRecord>> listener) {
    return Watched.start(
        znodes, layout.members(session, role), () -> list(session, role), listener);
  }
}
