package io.sheaf.deposit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Which names of a member its extended header gives (POSIX pax, "pax Extended Header"): records
 * {@code LENGTH KEY=VALUE\n}. Those are read as UTF-8; all others are bytes of the header blocks.
 */
record TarPax(boolean path, boolean link) {
  static final TarPax NONE = new TarPax(false, false);

  /** Longer ones are no tar's. */
  static final int LONGEST = 1 << 20;

  static TarPax of(ByteBuffer records) {
    boolean path = false;
    boolean link = false;
    while (records.hasRemaining()) {
      int start = records.position();
      int length = length(records);
      if (length <= 0 || length > records.limit() - start) {
        break; // The library says what is wrong with it.
      }
      String key = key(records, start + length);
      path |= key.equals("path") || key.equals("GNU.sparse.name");
      link |= key.equals("linkpath");
      records.position(start + length);
    }
    return new TarPax(path, link);
  }

  /** The number that a record begins with, and the blank; -1 when there is none. */
  private static int length(ByteBuffer records) {
    int value = 0;
    while (records.hasRemaining() && value < LONGEST) {
      byte b = records.get();
      if (b == ' ') {
        return value;
      }
      if (b < '0' || b > '9') {
        return -1;
      }
      value = 10 * value + b - '0';
    }
    return -1;
  }

  private static String key(ByteBuffer records, int end) {
    StringBuilder key = new StringBuilder();
    while (records.position() < end) {
      char c = (char) records.get();
      if (c == '=') {
        return key.toString();
      }
      key.append(c);
    }
    return "";
  }

  /** What the library read as Latin-1, and so byte for byte, unless it is from these records. */
  static String name(String read, boolean fromRecords) {
    return fromRecords
        ? read
        : new String(read.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
