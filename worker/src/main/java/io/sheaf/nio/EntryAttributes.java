package io.sheaf.nio;

import io.sheaf.deposit.EntryStat;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An entry's attributes. A zip has one time; an owner that is not recorded is {@code unknown}. */
record EntryAttributes(EntryStat stat) implements PosixFileAttributes {
  int mode() {
    return stat.attributes().mode();
  }

  /** {@code open}, {@code pending} or {@code merged}; empty for a directory without an entry. */
  String state() {
    return stat.state();
  }

  @Override
  public UserPrincipal owner() {
    return new Principals.User(stat.attributes().uid());
  }

  @Override
  public GroupPrincipal group() {
    return new Principals.Group(stat.attributes().gid());
  }

  @Override
  public Set<PosixFilePermission> permissions() {
    return Permissions.of(mode());
  }

  @Override
  public FileTime lastModifiedTime() {
    return FileTime.fromMillis(stat.modified());
  }

  @Override
  public FileTime lastAccessTime() {
    return lastModifiedTime();
  }

  @Override
  public FileTime creationTime() {
    return lastModifiedTime();
  }

  @Override
  public boolean isRegularFile() {
    return !isDirectory() && !isSymbolicLink();
  }

  @Override
  public boolean isDirectory() {
    return stat.attributes().isDirectory();
  }

  @Override
  public boolean isSymbolicLink() {
    return stat.attributes().isSymlink();
  }

  @Override
  public boolean isOther() {
    return false;
  }

  @Override
  public long size() {
    return stat.size();
  }

  @Override
  public @Nullable Object fileKey() {
    return null;
  }
}
