package io.sheaf.batch;

import java.nio.file.Path;

/**
 * A batch that is open, or that its worker could not close; or an append log.
 *
 * @param archive {@link io.sheaf.tree.Manifest#MIXED} for a batch of several, {@link
 *     AppendLogName#PLACE} for a log
 * @param seq for a log its number
 * @param path of the file that ends in {@code .part}, or in {@code .salvage} when its rescue began
 */
public record OpenPart(String archive, String worker, long seq, Path path) {}
