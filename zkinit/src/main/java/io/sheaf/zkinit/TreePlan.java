package io.sheaf.zkinit;

import io.sheaf.conf.IniFile;
import io.sheaf.conf.Secret;
import io.sheaf.tree.RawTree;
import io.sheaf.tree.TreeOptions;
import io.sheaf.zkinit.PlannedAction.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/** A tree of znodes with their ACLs, as a config file describes it. */
public final class TreePlan {
  static final String ROOT_USER = "root";
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);

  private final @Nullable String servers;
  private final Secret rootPassword;
  private final List<PlannedNode> nodes;

  TreePlan(@Nullable String servers, Secret rootPassword, List<PlannedNode> nodes) {
    this.servers = servers;
    this.rootPassword = rootPassword;
    this.nodes = List.copyOf(nodes);
  }

  /**
   * Reads a config file.
   *
   * @param environment for passwords given as {@code passwd_env}
   * @throws io.sheaf.conf.ConfException with file and line
   */
  public static TreePlan read(Path file, Map<String, String> environment) {
    return new PlanReader(IniFile.read(file), environment).read();
  }

  /** {@code servers} of {@code [MAIN]}. */
  public Optional<String> servers() {
    return Optional.ofNullable(servers);
  }

  /** What the tree on those servers lacks; changes nothing. */
  public List<PlannedAction> compare(String servers, Duration connectTimeout) {
    try (RawTree tree = connect(servers, connectTimeout)) {
      return actions(tree);
    }
  }

  /** Makes the tree as planned, parents first; returns what was done. */
  public List<PlannedAction> apply(String servers, Duration connectTimeout) {
    try (RawTree tree = connect(servers, connectTimeout)) {
      List<PlannedAction> actions = actions(tree);
      for (PlannedAction action : actions) {
        apply(tree, action);
      }
      return actions;
    }
  }

  /** Whether a tree that these actions would change differs from the plan. */
  public static boolean differs(List<PlannedAction> actions) {
    return actions.stream().anyMatch(action -> action.kind() != Kind.UNCHANGED);
  }

  private RawTree connect(String servers, Duration connectTimeout) {
    return RawTree.connect(
        new TreeOptions(servers, "/", SESSION_TIMEOUT, connectTimeout, ROOT_USER, rootPassword));
  }

  private List<PlannedAction> actions(RawTree tree) {
    List<PlannedAction> actions = new ArrayList<>();
    Set<String> present = new HashSet<>(Set.of("/"));
    for (PlannedNode node : nodes) {
      addParents(tree, node, present, actions);
      actions.add(action(tree, node));
      present.add(node.path());
    }
    return actions;
  }

  /** The missing parents of a node that asks for them, with its own ACL. */
  private static void addParents(
      RawTree tree, PlannedNode node, Set<String> present, List<PlannedAction> actions) {
    for (String parent : node.parents()) {
      if (present.add(parent) && tree.acl(parent).isEmpty()) {
        actions.add(PlannedAction.create(node.asParent(parent)));
      }
    }
  }

  private static PlannedAction action(RawTree tree, PlannedNode node) {
    List<ACL> there = tree.acl(node.path()).orElse(null);
    if (there == null) {
      return PlannedAction.create(node);
    }
    return Grants.same(there, node.acl())
        ? PlannedAction.unchanged(node)
        : PlannedAction.setAcl(node, there);
  }

  private static void apply(RawTree tree, PlannedAction action) {
    PlannedNode node = action.node();
    boolean exists =
        switch (action.kind()) {
          case CREATE -> !tree.create(node.path(), node.data(), node.acl());
          case SET_ACL -> true;
          case UNCHANGED -> false;
        };
    if (exists) { // also when somebody else created it meanwhile
      tree.setAcl(node.path(), node.acl());
    }
  }
}
