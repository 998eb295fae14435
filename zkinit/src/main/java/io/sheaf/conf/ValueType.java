package io.sheaf.conf;

import java.util.function.Function;

/** How the text of a value becomes a value and back. */
record ValueType<T>(
    String placeholder, String allowed, Function<String, T> parser, Function<T, String> formatter) {
  T parse(String text) {
    return parser.apply(text);
  }

  String format(T value) {
    return formatter.apply(value);
  }
}
