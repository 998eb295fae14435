package io.sheaf.tree;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What a batch says of itself: the JSON in its archive comment, and in ZooKeeper once published.
 *
 * @param version of this format, {@value #VERSION}
 * @param id of the batch, unique: {@code <worker>-<seq>@<archive key>}
 * @param session that the worker served
 * @param worker {@code <host>-<pid>-<incarnation>}
 * @param seq counts the batches of this worker for this archive, from 1
 * @param archive destination, relative to the base directory
 * @param entries in the batch
 * @param bytes of the entries' contents, uncompressed
 * @param region length in bytes of the part before the central directory
 * @param crc32c of that region
 * @param opened milliseconds since the epoch
 * @param closed milliseconds since the epoch
 * @param salvaged how the batch was saved from a worker that died; null for one that it closed
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
    long opened,
    long closed,
    @Nullable Salvaged salvaged) {

  public static final int VERSION = 1;

  /** What was left behind of a batch that its worker could not close. */
  public record Salvaged(String by, long lostBytes, long badEntries) {}

  public static String idOf(String worker, long seq, String archive) {
    return worker + "-" + seq + "@" + ArchiveKey.of(archive).hex().substring(0, 12);
  }
}
