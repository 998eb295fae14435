package io.sheaf.tree;

import java.util.List;

/**
 * What is under {@code pending} for an archive.
 *
 * @param batches by worker and sequence number
 * @param refused what is no manifest of a batch of this archive
 */
public record PublishedBatches(List<PendingBatch> batches, List<RefusedManifest> refused) {}
