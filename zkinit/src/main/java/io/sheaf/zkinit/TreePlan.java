package io.sheaf.zkinit;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.IniFile;
import io.sheaf.conf.Protection;
import io.sheaf.tree.Chroot;
import io.sheaf.tree.RawTree;
import io.sheaf.tree.TreeOptions;
import io.sheaf.zkinit.PlannedNode.Trait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A tree of znodes with their ACLs, as a config file describes it. */
public final class TreePlan {
  static final String ROOT_USER = "root";

  private final @Nullable String servers;
  private final PlanUser root;
  private final List<PlannedNode> nodes;

  TreePlan(@Nullable String servers, PlanUser root, List<PlannedNode> nodes) {
    this.servers = servers;
    this.root = root;
    this.nodes = List.copyOf(nodes);
  }

  /**
   * Reads a config file.
   *
   * @param environment for passwords given as {@code passwd_env}
   * @throws ConfException with file and line
   */
  public static TreePlan read(Path file, Map<String, String> environment) {
    return new PlanReader(IniFile.readPlain(file), environment).read();
  }

  /** {@code servers} of {@code [MAIN]}. */
  public Optional<String> servers() {
    return Optional.ofNullable(servers);
  }

  /** The znodes that live only as long as somebody holds them, by path. */
  public List<String> ephemerals() {
    return held().stream().map(PlannedNode::path).toList();
  }

  /**
   * Refuses a plan with ephemeral znodes.
   *
   * @throws ConfException with file and line of the first
   */
  public void requirePersistent() {
    held().stream().findFirst().ifPresent(TreePlan::refuse);
  }

  private static void refuse(PlannedNode node) {
    throw new ConfException(
        node.where()
            + ": ["
            + node.path()
            + "] is ephemeral and would go when zkinitree ends: add --hold to stay");
  }

  private List<PlannedNode> held() {
    return nodes.stream().filter(node -> node.is(Trait.EPHEMERAL)).toList();
  }

  /**
   * Connects as the plan's root.
   *
   * @param servers {@code host:port,host:port/chroot}
   * @param sessionTimeout how long ephemeral znodes outlive a holder that dies
   * @param protection how a root without a password proves who it is
   * @throws io.sheaf.tree.TreeUnreachableException when no server answers in time
   */
  public PlanSession connect(
      String servers, Duration sessionTimeout, Duration connectTimeout, Protection protection) {
    Chroot chroot = Chroot.of(servers);
    String user = root.password() == null ? null : ROOT_USER;
    TreeOptions options =
        new TreeOptions(
            chroot.hosts(), "/", sessionTimeout, connectTimeout, user, root.password(), protection);
    return new PlanSession(RawTree.connect(options, chroot), root, nodes);
  }

  /** Whether a tree that these actions would change differs from the plan. */
  public static boolean differs(List<PlannedAction> actions) {
    return actions.stream().anyMatch(a -> a.kind() != PlannedAction.Kind.UNCHANGED);
  }
}
