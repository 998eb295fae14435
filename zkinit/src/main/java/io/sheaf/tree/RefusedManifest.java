package io.sheaf.tree;

/**
 * Something under {@code pending} that no member of ours writes. It says nothing that may be relied
 * on; a batch that it stands for, if there is one, is found in the inbox.
 *
 * @param znode its path in ZooKeeper
 * @param archive for which it stands, by name or key
 * @param reason in one line
 */
public record RefusedManifest(String znode, String archive, String reason) {}
