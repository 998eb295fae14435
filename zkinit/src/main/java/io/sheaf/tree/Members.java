package io.sheaf.tree;

import java.util.List;
import java.util.function.Consumer;

/** The ephemeral znodes of workers and coordinators. */
final class Members {
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
    return bulk.records(paths, Codec.MEMBER);
  }

  Watch watch(String session, Role role, Consumer<List<MemberRecord>> listener) {
    return Watched.start(
        znodes, layout.members(session, role), () -> list(session, role), listener);
  }
}
