package io.sheaf.tree;

/**
 * Where a znode is, and its state when it was seen.
 *
 * @param version of its data
 */
public record RawPath(String path, int version, boolean isEphemeral) {}
