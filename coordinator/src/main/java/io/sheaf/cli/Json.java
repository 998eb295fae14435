package io.sheaf.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Prints JSON. A class of its own, so that commands that print text do not load Jackson. */
final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  static void print(PrintWriter out, Object value) {
    out.println(text(value));
  }

  /** A line of its own, in UTF-8. */
  static byte[] bytes(Object value) {
    return (text(value) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of ours has no JSON form", e);
    }
  }
}
