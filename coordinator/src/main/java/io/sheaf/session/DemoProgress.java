package io.sheaf.session;

/** Told how the demo goes on, by one thread. */
public interface DemoProgress {
  /** The tree was read. */
  void found(DemoTree tree);

  /** A step begins. */
  void step(String what);

  /**
   * How far it is.
   *
   * @param files deposited
   * @param bytes in these
   * @param backlog files deposited that are not in their archive yet
   */
  void at(long files, long bytes, long backlog);
}
