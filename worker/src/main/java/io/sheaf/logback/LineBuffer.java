package io.sheaf.logback;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Encoded events, bounded by their bytes: those that were not sent yet, and behind them those that
 * were sent and are not safe. What was sent is never dropped, so a log has holes only where it says
 * so.
 */
final class LineBuffer {
  /** What an event takes besides its bytes, about. */
  private static final int OVERHEAD = 48;

  private final long limit;
  private final Overflow overflow;

  private final Deque<byte[]> waiting = new ArrayDeque<>();
  private final Deque<byte[]> sent = new ArrayDeque<>();

  /** Lines that say how many events were dropped, with that number. */
  private final IdentityHashMap<byte[], Long> tells = new IdentityHashMap<>();

  private long bytes;
  private long dropped;
  private long untold;
  private boolean closed;

  LineBuffer(long limit, Overflow overflow) {
    this.limit = limit;
    this.overflow = overflow;
  }

  /** Takes an event, as the overflow says; false when it was not taken. */
  synchronized boolean add(byte[] line) throws InterruptedException {
    while (bytes + cost(line) > limit && bytes > 0) {
      if (overflow == Overflow.RAISE || closed) {
        return false;
      }
      if (overflow == Overflow.BLOCK) {
        wait();
      } else if (!dropOldest()) {
        countDropped();
        return false; // All is sent, and none of it safe.
      }
    }
    if (closed) {
      return false;
    }
    waiting.add(line);
    bytes += cost(line);
    notifyAll();
    return true;
  }

  private static long cost(byte[] line) {
    return (long) line.length + OVERHEAD;
  }

  private boolean dropOldest() {
    byte[] oldest = waiting.poll();
    if (oldest != null) {
      bytes -= cost(oldest);
      Long told = tells.remove(oldest);
      if (told == null) {
        countDropped();
      } else {
        untold += told; // It was to be sent again; the next one says it.
      }
    }
    return oldest != null;
  }

  private void countDropped() {
    dropped++;
    untold++;
  }

  /**
   * What is to be sent next, at most so many bytes, before that a line about what was dropped;
   * waits for something, but not for longer. It counts as sent from now on.
   */
  synchronized List<byte[]> take(long most, long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (waiting.isEmpty() && !closed) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        break;
      }
      wait(left);
    }
    List<byte[]> taken = new ArrayList<>();
    tellDropped(taken);
    long sum = 0;
    while (sum < most) {
      byte[] line = waiting.poll();
      if (line == null) {
        break;
      }
      taken.add(line);
      sum += line.length;
    }
    sent.addAll(taken);
    return taken;
  }

  private void tellDropped(List<byte[]> lines) {
    if (untold > 0) {
      String text = "[sheaf: " + untold + " log events were dropped here]\n";
      byte[] line = text.getBytes(StandardCharsets.UTF_8);
      bytes += cost(line);
      lines.add(line);
      tells.put(line, untold);
      untold = 0;
    }
  }

  /** So many bytes of what was sent, from the first on, are safe; returns those of whole events. */
  synchronized long safe(long upTo) {
    long released = 0;
    for (byte[] first = sent.peek(); first != null; first = sent.peek()) {
      if (released + first.length > upTo) {
        break;
      }
      released += first.length;
      bytes -= cost(first);
      tells.remove(sent.remove());
    }
    if (released > 0) {
      notifyAll();
    }
    return released;
  }

  /** What was sent and is not safe is to be sent again, before anything else. */
  synchronized void sendAgain() {
    for (byte[] last = sent.pollLast(); last != null; last = sent.pollLast()) {
      waiting.addFirst(last);
    }
  }

  /** All that was sent is safe. */
  synchronized void allSafe() {
    sent.forEach(line -> bytes -= cost(line));
    sent.clear();
    tells.clear();
    notifyAll();
  }

  synchronized boolean hasWaiting() {
    return !waiting.isEmpty() || untold > 0;
  }

  /** Whether events came that are not known to be safe. */
  synchronized boolean isEmpty() {
    return waiting.isEmpty() && sent.isEmpty() && untold == 0;
  }

  synchronized long unsafe() {
    return waiting.size() + (long) sent.size();
  }

  synchronized long dropped() {
    return dropped;
  }

  /** Nothing more is taken; who waits for room or for events goes on. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized boolean isClosed() {
    return closed;
  }
}
