package io.sheaf.nio;

import io.sheaf.deposit.EntryStat;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.spi.FileSystemProvider;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The provider of {@code sheaf:///ar.zip/dir/file}. Without more the path is served by the worker
 * that the environment names ({@code SHEAF_SOCKET}, or the default socket of {@code
 * SHEAF_SESSION}); {@code sheaf:///ar.zip/dir/file?socket=/path} by another. A file system is made
 * with the first path that is asked for.
 *
 * <p>An entry is written once, from its beginning to its end, and is there when it is closed. What
 * would change one that is there (rename, delete, random writes, other attributes) is an {@link
 * UnsupportedOperationException}.
 */
public final class SheafFileSystemProvider extends FileSystemProvider {
  static final String SCHEME = "sheaf";

  /** By their socket. Under the lock on itself. */
  private final Map<String, SheafFileSystem> open = new HashMap<>();

  @Override
  public String getScheme() {
    return SCHEME;
  }

  /**
   * A file system with settings of its own.
   *
   * @param env {@code socket} of the worker, as text or a path; {@code durability} of what is
   *     written, {@code none}, {@code write} or {@code fsync}; {@code late-attributes}, {@code
   *     refuse} or {@code ignore}: what becomes of a time or mode that is set after the entry was
   *     closed, as {@code Files.copy} does it with {@code COPY_ATTRIBUTES}
   */
  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> env) throws IOException {
    Mounting mounting = Mounting.of(SheafUri.socket(uri), env);
    synchronized (open) {
      if (open.containsKey(mounting.socket())) {
        throw new FileSystemAlreadyExistsException(uri.toString());
      }
      return mount(mounting);
    }
  }

  private SheafFileSystem mount(Mounting mounting) {
    SheafFileSystem made = new SheafFileSystem(this, mounting);
    open.put(mounting.socket(), made);
    return made;
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    synchronized (open) {
      SheafFileSystem found = open.get(SheafUri.socket(uri));
      if (found == null) {
        throw new FileSystemNotFoundException(uri.toString());
      }
      return found;
    }
  }

  @Override
  public Path getPath(URI uri) {
    String socket = SheafUri.socket(uri);
    synchronized (open) {
      SheafFileSystem found = open.get(socket);
      return (found == null ? mount(Mounting.of(socket, Map.of())) : found)
          .getPath(SheafUri.path(uri));
    }
  }

  /** It is closed: the next path of its worker gets another. */
  void forget(SheafFileSystem closed) {
    synchronized (open) {
      open.values().remove(closed);
    }
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    SheafPath entry = SheafPath.of(path);
    Opening opening = Opening.of(options, false);
    return opening.isRead()
        ? entry.fs().entries().readChannel(entry, opening.follow())
        : new WriteChannel(
            entry.fs().writers().open(entry, opening, GivenAttributes.of(attributes)));
  }

  @Override
  public OutputStream newOutputStream(Path path, OpenOption... options) throws IOException {
    SheafPath entry = SheafPath.of(path);
    Opening opening = Opening.of(Set.of(options), true);
    return entry.fs().writers().open(entry, opening, new GivenAttributes());
  }

  @Override
  public InputStream newInputStream(Path path, OpenOption... options) throws IOException {
    SheafPath entry = SheafPath.of(path);
    Opening opening = Opening.of(Set.of(options), false);
    if (!opening.isRead()) {
      throw new UnsupportedOperationException("an input stream only reads");
    }
    return entry.fs().entries().contents(entry, opening.follow());
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path path, DirectoryStream.Filter<? super Path> filter) throws IOException {
    SheafPath directory = SheafPath.of(path);
    return new Children(directory.fs().entries().children(directory), filter);
  }

  /** Makes an entry for the directory, unless there is one; those above it need none. */
  @Override
  public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
    SheafPath directory = SheafPath.of(path);
    directory.fs().writers().makeDirectory(directory, GivenAttributes.of(attributes));
  }

  /** Where the session takes links; else it is refused with the worker's reason. */
  @Override
  public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes)
      throws IOException {
    SheafPath entry = SheafPath.of(link);
    entry.fs().writers().makeLink(entry, target.toString(), GivenAttributes.of(attributes));
  }

  @Override
  public Path readSymbolicLink(Path path) throws IOException {
    SheafPath link = SheafPath.of(path);
    EntryStat stat = link.fs().entries().stat(link, false);
    if (!stat.attributes().isSymlink()) {
      throw new NotLinkException(link.toString());
    }
    return link.fs().getPath(link.fs().entries().linkTarget(link));
  }

  /**
   * Refused, once it is clear that there is something.
   *
   * @throws NoSuchFileException when there is nothing, so that {@code deleteIfExists} may be called
   */
  @Override
  public void delete(Path path) throws IOException {
    SheafPath entry = SheafPath.of(path);
    EntryStat unused = entry.fs().entries().stat(entry, false);
    throw new UnsupportedOperationException(
        entry + " stays: what is in an archive, or on its way, is not deleted");
  }

  /** Between paths of this provider; the attributes of an entry are kept if that is asked. */
  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    Copying.within(SheafPath.of(source), SheafPath.of(target), CopyOptions.of(options));
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) {
    throw new UnsupportedOperationException(
        source + " cannot be renamed: what is in an archive, or on its way, stays as it is");
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    SheafPath one = SheafPath.of(path);
    if (!(other instanceof SheafPath two)) {
      return false;
    }
    if (one.equals(two)) {
      return true;
    }
    return one.toRealPath().equals(two.toRealPath());
  }

  @Override
  public boolean isHidden(Path path) {
    return false;
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    SheafPath entry = SheafPath.of(path);
    EntryStat unused = entry.fs().entries().stat(entry, true);
    return entry.fs().store();
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    SheafPath entry = SheafPath.of(path);
    EntryStat stat = entry.fs().entries().stat(entry, true);
    boolean directory = stat.attributes().isDirectory();
    for (AccessMode mode : modes) {
      if (mode == AccessMode.WRITE && !directory) {
        throw new AccessDeniedException(entry.toString(), null, "an entry is written once");
      }
      if (mode == AccessMode.EXECUTE && !directory) {
        throw new AccessDeniedException(entry.toString(), null, "it cannot be run from here");
      }
    }
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    SheafPath entry = SheafPath.of(path);
    boolean follow = !List.of(options).contains(LinkOption.NOFOLLOW_LINKS);
    if (type == BasicFileAttributeView.class) {
      return type.cast(new AttributeView("basic", entry, follow));
    }
    if (type == PosixFileAttributeView.class) {
      return type.cast(new AttributeView("posix", entry, follow));
    }
    return type == FileOwnerAttributeView.class
        ? type.cast(new AttributeView("owner", entry, follow))
        : null;
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (type != BasicFileAttributes.class && type != PosixFileAttributes.class) {
      throw new UnsupportedOperationException("no attributes of " + type.getName() + " here");
    }
    return type.cast(attributes(SheafPath.of(path), options));
  }

  private static EntryAttributes attributes(SheafPath path, LinkOption... options)
      throws IOException {
    boolean follow = !List.of(options).contains(LinkOption.NOFOLLOW_LINKS);
    return new EntryAttributes(path.fs().entries().stat(path, follow));
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    AttributeNames wanted = AttributeNames.parse(names);
    return wanted.of(attributes(SheafPath.of(path), options));
  }

  /**
   * Sets it of what is being written to the path; of an entry that is there, only to what it is.
   */
  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    SheafPath entry = SheafPath.of(path);
    GivenAttributes change = new GivenAttributes();
    change.set(name, value);
    entry.fs().writers().change(entry, change);
  }

  /** For a path without an entry in it. */
  static FileSystemException isDirectory(SheafPath path) {
    return new FileSystemException(path.toString(), null, "it is a directory");
  }
}
