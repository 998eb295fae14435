package io.sheaf.tree;

/**
 * A published batch: the data of {@code /sessions/<s>/pending/<xx>/<key>/<worker>/<seq>}.
 *
 * @param version of this format, {@value #VERSION}
 * @param path of the batch file, relative to the base directory; several parts may have one
 * @param size of that file in bytes
 * @param manifest as in the batch's own comment, or of one part of it
 */
public record PendingBatch(int version, String path, long size, Manifest manifest) {
  public static final int VERSION = 1;
}
