package io.sheaf.tree;

/** Something that is being watched; closing it ends the calls. */
public interface Watch extends AutoCloseable {
  @Override
  void close();
}
