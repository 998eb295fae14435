package io.sheaf.tree;

/** An archive that has published batches. */
public record PendingArchive(String archive, ArchiveKey key, long batches) {}
