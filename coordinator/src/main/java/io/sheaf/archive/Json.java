package io.sheaf.archive;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.zip.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * JSON files of this package: versioned, unknown fields ignored, and checked. The first line is
 * <code>{"crc32c":"xxxxxxxx",</code>, in lower-case hexadecimal, and the sum is that of all the
 * bytes after the line: a flipped bit in a ledger could lose or double a batch.
 */
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** With what a value begins that is a file. */
  private static final String FIRST_LINE = "{\"crc32c\":\"%08x\",\n";

  /** With what one begins that is a line of a file. */
  private static final String LINE = "{\"crc32c\":\"%08x\",";

  private Json() {}

  static byte[] write(Object value) throws IOException {
    return summed(FIRST_LINE, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value));
  }

  /** As {@link #write}, in one line, which has no line feed at its end. */
  static byte[] writeLine(Object value) throws IOException {
    return summed(LINE, MAPPER.writeValueAsBytes(value));
  }

  private static byte[] summed(String format, byte[] json) {
    // All but the brace with which it begins.
    ByteBuffer rest = ByteBuffer.wrap(json, 1, json.length - 1).slice();
    byte[] first = first(format, Crc32c.of(rest));
    return ByteBuffer.allocate(first.length + rest.remaining()).put(first).put(rest).array();
  }

  private static byte[] first(String format, int crc) {
    return String.format(format, crc).getBytes(StandardCharsets.US_ASCII);
  }

  /** The first line of a file whose other lines have this sum. */
  static byte[] firstLine(int crc) {
    return first(FIRST_LINE, crc);
  }

  /**
   * Reads what {@link #write} has written.
   *
   * @throws ArchiveDisagreesException when it is not that any more, or of a newer version
   */
  static <T> T read(byte[] json, Class<T> type, Path file, int known, ToIntFunction<T> version)
      throws IOException {
    return read(FIRST_LINE, json, type, file, known, version);
  }

  /** As {@link #read}, of what {@link #writeLine} has written to a file. */
  static <T> T readLine(byte[] line, Class<T> type, Path file, int known, ToIntFunction<T> version)
      throws IOException {
    return read(LINE, line, type, file, known, version);
  }

  private static <T> T read(
      String format, byte[] json, Class<T> type, Path file, int known, ToIntFunction<T> version)
      throws IOException {
    if (!isWhole(format, json)) {
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

  private static boolean isWhole(String format, byte[] json) {
    int length = first(format, 0).length;
    if (json.length < length) {
      return false;
    }
    ByteBuffer rest = ByteBuffer.wrap(json, length, json.length - length).slice();
    return Arrays.equals(first(format, Crc32c.of(rest)), Arrays.copyOf(json, length));
  }

  /**
   * The text of a field of an object, of which nothing after that field is looked at; null when
   * there is none, or it is no object.
   */
  static @Nullable String text(byte[] json, String field) throws IOException {
    try (JsonParser parser = MAPPER.createParser(json)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.FIELD_NAME && parser.currentName().equals(field)) {
          return parser.nextTextValue();
        }
      }
    } catch (JsonProcessingException e) {
      return null;
    }
    return null;
  }
}
