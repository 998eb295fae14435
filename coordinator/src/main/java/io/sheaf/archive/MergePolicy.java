package io.sheaf.archive;

import io.sheaf.conf.Duplicates;

/**
 * What a session says about merging.
 *
 * @param symlinks whether an archive may hold symbolic links
 */
public record MergePolicy(Duplicates duplicates, boolean symlinks) {}
