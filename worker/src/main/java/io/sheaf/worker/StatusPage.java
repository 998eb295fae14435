package io.sheaf.worker;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.deposit.AppendStreams;
import io.sheaf.deposit.LaneStatus;
import io.sheaf.deposit.Quotas;
import io.sheaf.spool.SpoolDoor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code GET /_status} answers, as JSON.
 *
 * @param state {@code open}, or why deposits are refused
 * @param connected whether ZooKeeper answers
 * @param unpublished sealed batches that wait for ZooKeeper
 * @param publishFailure why they wait, empty when they do not
 * @param spool null when none is served
 * @param appends logs that are appended to, bytes of them that wait for the disk, append logs
 * @param quotas under which something was deposited here; used is in the whole session
 */
record StatusPage(
    int version,
    int protocol,
    String id,
    String worker,
    String session,
    String base,
    String socket,
    String started,
    String state,
    boolean connected,
    int connections,
    long published,
    int unpublished,
    String publishFailure,
    long deposits,
    long bytes,
    long failed,
    long lost,
    long queued,
    long memory,
    long memoryLimit,
    int openBatches,
    int sealing,
    long sealed,
    List<String> sealFailures,
    AppendStreams.State appends,
    List<Quotas.State> quotas,
    @JsonInclude(JsonInclude.Include.NON_NULL) SpoolDoor.@Nullable Status spool) {
  static final int VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  byte[] json() {
    try {
      return (JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of plain values is always JSON", e);
    }
  }

  static String state(LaneStatus lanes) {
    return lanes.refusing().isEmpty() ? "open" : lanes.refusing();
  }
}
