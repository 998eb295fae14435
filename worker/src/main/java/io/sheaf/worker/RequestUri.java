package io.sheaf.worker;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request target in its two parts (RFC 3986, 3.4).
 *
 * @param path still encoded
 * @param query by name; a name alone has an empty value
 */
record RequestUri(String path, Map<String, List<String>> query) {
  static RequestUri of(String uri) throws DepositException {
    int mark = uri.indexOf('?');
    if (mark < 0) {
      return new RequestUri(uri, Map.of());
    }
    try {
      String query = uri.substring(mark + 1);
      return new RequestUri(
          uri.substring(0, mark), new QueryStringDecoder(query, false).parameters());
    } catch (IllegalArgumentException e) {
      throw new DepositException(
          Kind.REFUSED, "the query of the request cannot be read: write ? in a name as %3F", e);
    }
  }

  boolean has(String name) {
    return query.containsKey(name);
  }

  /** The value of a name, the last if there are several; null without one. */
  @Nullable String get(String name) {
    List<String> values = query.get(name);
    return values == null ? null : values.get(values.size() - 1);
  }

  /** Refuses names that nobody looks at: one that is misspelt must not be passed over. */
  void allowOnly(String... names) throws DepositException {
    Set<String> known = Set.of(names);
    for (String name : query.keySet()) {
      if (!known.contains(name)) {
        throw new DepositException(
            Kind.REFUSED,
            "?"
                + name
                + " is not known here; write ? in a name as %3F (known: "
                + String.join(", ", names)
                + ")");
      }
    }
  }
}
