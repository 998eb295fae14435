package io.sheaf.archive;

import io.sheaf.batch.Target;

/**
 * Names with which nothing can be wrong, told by their bytes: most names, and making a text of each
 * is much of what a merge costs. Any other name is for {@link EntryGate} to judge.
 */
final class PlainName {
  private PlainName() {}

  /**
   * Whether a name is printable ASCII without backslashes and colons, its components are not empty
   * and of the short ones none begins with a dot, and it is not too long.
   */
  static boolean is(byte[] name, int from, int to) {
    if (to - from > Target.MAX_ENTRY_BYTES) {
      return false;
    }
    int component = from;
    for (int i = from; i <= to; i++) {
      byte c = i < to ? name[i] : (byte) '/';
      if (c == '/') {
        int length = i - component;
        if (length == 0 || (length <= 2 && name[component] == '.')) {
          return false;
        }
        component = i + 1;
      } else if (c < ' ' || c == '\\' || c == ':' || c == 127) {
        return false; // Bytes from 0x80 on are negative.
      }
    }
    return true;
  }
}
