/**
 * Builds a tree of znodes with ACLs from a config file ({@link io.sheaf.zkinit.TreePlan}), and runs
 * a ZooKeeper server in this process ({@link io.sheaf.zkinit.EmbeddedZooKeeper}).
 */
@NullMarked
package io.sheaf.zkinit;

import org.jspecify.annotations.NullMarked;
