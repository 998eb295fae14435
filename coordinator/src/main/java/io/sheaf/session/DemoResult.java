package io.sheaf.session;

import io.sheaf.scavenge.SessionSummary;
import java.nio.file.Path;
import java.util.List;

/**
 * What came out of a demo.
 *
 * @param inodesBefore files in the tree
 * @param inodesAfter files in the base directory, Sheaf's own in {@code .sheaf} included
 * @param same files whose bytes are in their archive, once
 * @param differences one line each
 */
public record DemoResult(
    Path base,
    long files,
    long bytes,
    long symlinks,
    long unreadable,
    long special,
    List<Archive> archives,
    long inodesBefore,
    long inodesAfter,
    long same,
    List<String> differences,
    double depositSeconds,
    double mergeSeconds,
    double checkSeconds,
    SessionSummary summary) {

  /** An archive and its size in bytes. */
  public record Archive(String name, long entries, long bytes) {}

  /** Whether every file is in the archives once, byte for byte, and nothing else is. */
  public boolean isGood() {
    return differences.isEmpty() && same == files && summary.isClean();
  }
}
