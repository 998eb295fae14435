package io.sheaf.disk;

/**
 * What stat says of a path.
 *
 * @param size in bytes
 * @param modified milliseconds since the epoch
 * @param key device and inode, equal for two names of one file
 */
public record FileState(
    boolean isFile, boolean isDirectory, long size, long modified, String key) {}
