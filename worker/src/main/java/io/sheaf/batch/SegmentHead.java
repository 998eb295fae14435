package io.sheaf.batch;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.zip.Attributes;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What an append log says of a segment at its beginning, as JSON.
 *
 * @param modified milliseconds since the epoch; null for the time of the last append
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SegmentHead(
    String archive,
    String entry,
    @org.jspecify.annotations.Nullable Long modified,
    int mode,
    int uid,
    int gid) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public Attributes attributes() {
    return Attributes.of(mode).withOwner(uid, gid);
  }

  /**
   * The payload of an OPEN record.
   *
   * @param carried the first bytes of the segment, which a cut took from the one before
   */
  public ByteBuffer encode(ByteBuffer carried) {
    byte[] json;
    try {
      json = JSON.writeValueAsBytes(this);
    } catch (IOException e) {
      throw new IllegalStateException("a record of plain values is always JSON", e);
    }
    ByteBuffer payload = ByteBuffer.allocate(Integer.BYTES + json.length + carried.remaining());
    return payload.putInt(json.length).put(json).put(carried.duplicate()).flip();
  }

  /** Reads the head, and leaves the position of the payload at the carried bytes. */
  static SegmentHead decode(ByteBuffer payload) throws IOException {
    byte[] json = new byte[length(payload)];
    payload.get(json);
    return JSON.readValue(json, SegmentHead.class);
  }

  /** Leaves the position of the payload at the carried bytes. */
  static ByteBuffer skip(ByteBuffer payload) throws IOException {
    int length = length(payload);
    return payload.position(payload.position() + length);
  }

  private static int length(ByteBuffer payload) throws IOException {
    int length = payload.remaining() < Integer.BYTES ? -1 : payload.getInt();
    if (length < 0 || length > payload.remaining()) {
      throw new IOException("an append log holds a segment without a head");
    }
    return length;
  }
}
