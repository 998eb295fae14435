package io.sheaf.archive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Everything that a scenario deposits, and how much of it was acknowledged when. In order: what is
 * acknowledged is what was deposited first.
 */
final class Deposits {
  /** A deposit with the archive that it is for. */
  record Made(String archive, Deposit deposit) {}

  private final List<Made> made = new ArrayList<>();
  private final Set<String> archives = new TreeSet<>();
  private final List<byte[]> junk = new ArrayList<>();
  private Runnable listener = () -> {};
  private int acknowledged;
  private boolean counted = true;
  private boolean remains;

  void add(String archive, Deposit... entries) {
    archives.add(archive);
    for (Deposit entry : entries) {
      made.add(new Made(archive, entry));
    }
  }

  /** All that was deposited so far is safe now. */
  void acknowledge() {
    acknowledged = made.size();
    listener.run();
  }

  void onAcknowledge(Runnable told) {
    listener = told;
  }

  int acknowledged() {
    return acknowledged;
  }

  /** Bytes that are no entry, and go to quarantine once. */
  void addJunk(byte[] bytes) {
    junk.add(bytes);
  }

  /** The session's totals do not count what is in the archive: some was there, some is gone. */
  void countsDiffer() {
    counted = false;
  }

  boolean counted() {
    return counted;
  }

  /**
   * A broken batch was closed anew. A power failure may bring its remains back once that is merged
   * and gone, and what is torn of them then goes to quarantine: a false alarm, and nothing worse.
   */
  void remainsMayReturn() {
    remains = true;
  }

  boolean mayRemainsReturn() {
    return remains;
  }

  List<byte[]> junk() {
    return junk;
  }

  List<Made> made() {
    return made;
  }

  Set<String> archives() {
    return archives;
  }

  /** Where bytes begin in others; -1 when they are not there. */
  static int find(byte[] in, byte[] wanted) {
    for (int at = 0; at + wanted.length <= in.length; at++) {
      if (in[at] == wanted[0]
          && Arrays.equals(in, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    return -1;
  }
}
