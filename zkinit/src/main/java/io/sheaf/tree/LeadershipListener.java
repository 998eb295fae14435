package io.sheaf.tree;

/** Told on a thread of its own, one call at a time. */
public interface LeadershipListener {
  void elected();

  void deposed();
}
