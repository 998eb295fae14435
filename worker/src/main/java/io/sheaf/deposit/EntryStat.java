package io.sheaf.deposit;

import io.sheaf.zip.Attributes;

/**
 * What a worker tells of an entry.
 *
 * @param name as it was asked for; of a listing the last component, that of a directory with a
 *     slash at its end
 * @param size of the contents in bytes
 * @param modified milliseconds since the epoch; a zip keeps seconds
 * @param attributes mode and, where it was recorded, the owner
 * @param state {@code open}, {@code pending} or {@code merged}
 */
public record EntryStat(
    String name, long size, long modified, Attributes attributes, String state) {}
