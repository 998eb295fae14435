package io.sheaf.deposit;

import io.sheaf.zip.Attributes;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/** A regular file that {@link Confined} has opened for reading. Closing it closes the channel. */
public final class ConfinedFile implements Closeable {
  private final Path path;
  private final Path name;
  private final SecureDirectoryStream<Path> directory;
  private final boolean ownsDirectory;
  private final SeekableByteChannel channel;
  private final BasicFileAttributes opened;
  private final Attributes attributes;

  /**
   * @param path for messages; it may be a link
   * @param name that the file has in the directory
   */
  ConfinedFile(
      Path path,
      Path name,
      SecureDirectoryStream<Path> directory,
      boolean ownsDirectory,
      SeekableByteChannel channel,
      BasicFileAttributes opened,
      Attributes attributes) {
    this.path = path;
    this.name = name;
    this.directory = directory;
    this.ownsDirectory = ownsDirectory;
    this.channel = channel;
    this.opened = opened;
    this.attributes = attributes;
  }

  /** For messages. */
  public Path path() {
    return path;
  }

  /** At its beginning. */
  public SeekableByteChannel channel() {
    return channel;
  }

  /** Bytes that it had when it was opened. */
  public long size() {
    return opened.size();
  }

  /** Milliseconds since the epoch, when it was opened. */
  public long modified() {
    return opened.lastModifiedTime().toMillis();
  }

  /** Its mode when it was opened; the owner too if that is not this process's user. */
  public Attributes attributes() {
    return attributes;
  }

  /** Whether the name still means this file, with as many bytes, not written to since. */
  public boolean isUnchanged(long read) throws IOException {
    BasicFileAttributes now = look(directory, name);
    return now.size() == read
        && opened.size() == read
        && now.lastModifiedTime().equals(opened.lastModifiedTime())
        && Objects.equals(now.fileKey(), opened.fileKey());
  }

  /**
   * Removes the name, if it is still this file's and nothing was written to it since it was opened.
   *
   * @throws DepositException CONFLICT when that is not so; the file stays
   */
  public void remove() throws IOException {
    boolean unchanged;
    try {
      unchanged = isUnchanged(opened.size());
    } catch (NoSuchFileException e) {
      unchanged = false;
    }
    if (!unchanged) {
      throw new DepositException(
          DepositException.Kind.CONFLICT,
          path + ": changed after it was read, and stays; what it had is in the archive");
    }
    directory.deleteFile(name);
  }

  static BasicFileAttributes look(SecureDirectoryStream<Path> directory, Path name)
      throws IOException {
    return directory
        .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes();
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      if (ownsDirectory) {
        directory.close();
      }
    }
  }
}
