package io.sheaf.archive;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which bytes of a batch were dealt with, so that none is deleted with it that was not. */
final class Coverage {
  private final List<Span> spans = new ArrayList<>();

  /** Bytes from a position on. */
  record Span(long position, long length) {}

  void add(long position, long length) {
    spans.add(new Span(position, length));
  }

  /** The bytes before an end that no span covers. */
  List<Span> holes(long end) {
    spans.sort(Comparator.comparingLong(Span::position));
    List<Span> holes = new ArrayList<>();
    long covered = 0;
    for (Span span : spans) {
      if (span.position() > covered) {
        holes.add(new Span(covered, span.position() - covered));
      }
      covered = Math.max(covered, span.position() + span.length());
    }
    if (covered < end) {
      holes.add(new Span(covered, end - covered));
    }
    return holes;
  }
}
