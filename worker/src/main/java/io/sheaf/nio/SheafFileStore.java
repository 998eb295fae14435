package io.sheaf.nio;

import java.nio.file.FileStore;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The archives behind a worker. How much room they have is for the worker to say, with each entry.
 */
final class SheafFileStore extends FileStore {
  private static final Set<Class<? extends FileAttributeView>> VIEWS =
      Set.of(
          BasicFileAttributeView.class, FileOwnerAttributeView.class, PosixFileAttributeView.class);

  private final String socket;

  SheafFileStore(String socket) {
    this.socket = socket;
  }

  @Override
  public String name() {
    return socket.isEmpty() ? "sheaf" : socket;
  }

  @Override
  public String type() {
    return "sheaf";
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public long getTotalSpace() {
    throw unknown();
  }

  @Override
  public long getUsableSpace() {
    throw unknown();
  }

  @Override
  public long getUnallocatedSpace() {
    throw unknown();
  }

  private static UnsupportedOperationException unknown() {
    return new UnsupportedOperationException("a worker does not tell how much room there is");
  }

  @Override
  public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
    return VIEWS.contains(type);
  }

  @Override
  public boolean supportsFileAttributeView(String name) {
    return Set.of("basic", "owner", "posix", "unix", "sheaf").contains(name);
  }

  @Override
  public <V extends FileStoreAttributeView> @Nullable V getFileStoreAttributeView(Class<V> type) {
    return null;
  }

  @Override
  public Object getAttribute(String attribute) {
    throw new UnsupportedOperationException("there is no attribute " + attribute);
  }
}
