package io.sheaf.nio;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.Depositor;
import io.sheaf.deposit.SocketDepositor;
import io.sheaf.deposit.SocketReader;
import java.io.IOException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The archives that one worker serves. It connects when something is read or written. */
final class SheafFileSystem extends FileSystem {
  private final SheafFileSystemProvider provider;
  private final Mounting mounting;
  private final Entries entries = new Entries(this);
  private final Writers writers = new Writers(this);
  private final SheafPath root = new SheafPath(this, true, List.of());
  private volatile boolean closed;

  // Under the lock on this:
  private @Nullable SocketDepositor depositor;
  private @Nullable SocketReader reader;

  SheafFileSystem(SheafFileSystemProvider provider, Mounting mounting) {
    this.provider = provider;
    this.mounting = mounting;
  }

  Mounting mounting() {
    return mounting;
  }

  Entries entries() {
    ensureOpen();
    return entries;
  }

  Writers writers() {
    ensureOpen();
    return writers;
  }

  SheafPath root() {
    return root;
  }

  FileStore store() {
    return new SheafFileStore(mounting.socket());
  }

  private void ensureOpen() {
    if (closed) {
      throw new ClosedFileSystemException();
    }
  }

  synchronized Depositor depositor() throws IOException {
    ensureOpen();
    SocketDepositor known = depositor;
    if (known == null) {
      known = SocketDepositor.connect(settings());
      depositor = known;
    }
    return known;
  }

  synchronized SocketReader reader() throws IOException {
    ensureOpen();
    SocketReader known = reader;
    if (known == null) {
      known = SocketReader.of(settings());
      reader = known;
    }
    return known;
  }

  private Settings settings() throws IOException {
    try {
      return mounting.settings();
    } catch (ConfException e) {
      throw new FileSystemException("sheaf:///", null, e.getMessage());
    }
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  /**
   * Gives up what is being written, of which nothing is kept, and ends the connections. What was
   * closed before is safe.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    provider.forget(this);
    writers.abortAll();
    entries.closeAll();
    disconnect();
  }

  private synchronized void disconnect() {
    if (depositor != null) {
      depositor.close();
    }
    if (reader != null) {
      reader.close();
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    ensureOpen();
    return List.of(root);
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    ensureOpen();
    return List.of(store());
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic", "owner", "posix", "unix", "sheaf");
  }

  @Override
  public Path getPath(String first, String... more) {
    ensureOpen();
    StringBuilder text = new StringBuilder(first);
    for (String each : more) {
      if (!each.isEmpty()) {
        text.append(text.isEmpty() ? "" : "/").append(each);
      }
    }
    return SheafPath.parse(this, text.toString());
  }

  /** As that of the node's own file system, whose paths have the same form. */
  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher(syntaxAndPattern);
    return path -> matcher.matches(Path.of(path.toString()));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return Principals.LOOKUP;
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException("archives are not watched");
  }
}
