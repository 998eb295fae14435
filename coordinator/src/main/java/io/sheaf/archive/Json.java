package io.sheaf.archive;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.zip.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/**
 * JSON files of this package: versioned, unknown fields ignored, and checked. The first line is
 * <code>{"crc32c":"xxxxxxxx",</code>, in lower-case hexadecimal, and the sum is that of all the
 * bytes after the line: a flipped bit in a ledger could lose or double a batch.
 */
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  private static final String FIRST_LINE = "{\"crc32c\":\"%08x\",\n";
  private static final int FIRST_LENGTH = String.format(FIRST_LINE, 0).length();

  private Json() {}

  static byte[] write(Object value) throws IOException {
    byte[] json = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value);
    // All but the brace with which it begins.
    ByteBuffer rest = ByteBuffer.wrap(json, 1, json.length - 1).slice();
    byte[] first = firstLine(rest);
    return ByteBuffer.allocate(first.length + rest.remaining()).put(first).put(rest).array();
  }

  private static byte[] firstLine(ByteBuffer rest) {
    return String.format(FIRST_LINE, Crc32c.of(rest)).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads what {@link #write} has written.
   *
   * @throws ArchiveDisagreesException when it is not that any more, or of a newer version
   */
  static <T> T read(byte[] json, Class<T> type, Path file, int known, ToIntFunction<T> version)
      throws IOException {
    if (!isWhole(json)) {
      throw new ArchiveDisagreesException(
          file + " is damaged: its checksum does not hold; restore it from a backup", null);
    }
    T value;
    try {
      value = MAPPER.readValue(json, type);
    } catch (IOException e) {
      throw new ArchiveDisagreesException(
          file + " cannot be read (" + e.getClass().getSimpleName() + "): restore it from a backup",
          e);
    }
    if (version.applyAsInt(value) > known) {
      throw new ArchiveDisagreesException(
          file + " was written by a newer Sheaf: use that one, or a newer one", null);
    }
    return value;
  }

  private static boolean isWhole(byte[] json) {
    if (json.length < FIRST_LENGTH) {
      return false;
    }
    ByteBuffer rest = ByteBuffer.wrap(json, FIRST_LENGTH, json.length - FIRST_LENGTH).slice();
    return Arrays.equals(firstLine(rest), Arrays.copyOf(json, FIRST_LENGTH));
  }
}
