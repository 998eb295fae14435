package io.sheaf.archive;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.ToIntFunction;

/** JSON files of this package: versioned, unknown fields ignored. */
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private Json() {}

  static byte[] write(Object value) throws IOException {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value);
  }

  static <T> T read(byte[] json, Class<T> type, Path file, int known, ToIntFunction<T> version)
      throws IOException {
    T value;
    try {
      value = MAPPER.readValue(json, type);
    } catch (IOException e) {
      throw new ArchiveDisagreesException(
          file + " cannot be read (" + e.getClass().getSimpleName() + "): restore it from a backup",
          e);
    }
    if (value == null) {
      throw new ArchiveDisagreesException(file + " is empty: restore it from a backup", null);
    }
    if (version.applyAsInt(value) > known) {
      throw new ArchiveDisagreesException(
          file + " was written by a newer Sheaf: use that one, or a newer one", null);
    }
    return value;
  }
}
