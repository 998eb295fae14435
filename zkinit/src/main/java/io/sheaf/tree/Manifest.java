package io.sheaf.tree;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What a batch says of itself: the JSON in its archive comment, and in ZooKeeper once published.
 *
 * <p>The part that one archive has in a batch of several is published with a manifest of its own:
 * region and sums are then those of its entries, one after the other, and of its records.
 *
 * @param version of this format, {@value #VERSION}
 * @param id of the batch, unique: {@code <worker>-<seq>@<archive key>}
 * @param session that the worker served
 * @param worker {@code <host>-<pid>-<incarnation>}
 * @param seq counts the batches of this worker for this archive, from 1
 * @param archive destination, relative to the base directory; {@link #MIXED} for a whole batch that
 *     holds parts of several
 * @param entries in the batch
 * @param bytes of the entries' contents, uncompressed
 * @param region length in bytes of the part before the central directory
 * @param crc32c of that region
 * @param directoryCrc CRC32C of the central directory
 * @param opened milliseconds since the epoch
 * @param closed milliseconds since the epoch
 * @param salvaged how the batch was saved from a worker that died; null for one that it closed
 * @param parts where in a batch of several archives the list of its parts begins; null for others
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Manifest(
    int version,
    String id,
    String session,
    String worker,
    long seq,
    String archive,
    long entries,
    long bytes,
    long region,
    @JsonProperty("crc32c") int crc32c,
    int directoryCrc,
    long opened,
    long closed,
    @Nullable Salvaged salvaged,
    @Nullable Long parts) {

  public static final int VERSION = 2;

  /** Stands for the archives of a batch that holds parts of several; no archive has that name. */
  public static final String MIXED = ".mixed";

  /** What was left behind of a batch that its worker could not close. */
  public record Salvaged(String by, long lostBytes, long badEntries) {}

  public static String idOf(String worker, long seq, String archive) {
    return worker + "-" + seq + "@" + ArchiveKey.of(archive).hex().substring(0, 12);
  }
}
