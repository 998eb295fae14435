package io.sheaf.tree;

/**
 * A published batch: the data of {@code /sessions/<s>/pending/<xx>/<key>/<worker>/<seq>}.
 *
 * @param version of this format, {@value #VERSION}
 * @param path of the batch file, relative to the base directory
 * @param size of that file in bytes
 * @param manifest as in the batch's own comment
 */
public record PendingBatch(int version, String path, long size, Manifest manifest) {
  public static final int VERSION = 1;
}
