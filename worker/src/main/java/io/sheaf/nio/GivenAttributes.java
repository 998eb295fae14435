package io.sheaf.nio;

import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.EntryStat;
import io.sheaf.zip.Attributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a program says of an entry that it writes; the rest is as the name implies. */
final class GivenAttributes {
  private static final int UNSET = -1;

  private int permissions = UNSET;
  private int uid = Attributes.UNKNOWN;
  private int gid = Attributes.UNKNOWN;
  private @Nullable FileTime modified;

  static GivenAttributes of(FileAttribute<?>... attributes) {
    GivenAttributes given = new GivenAttributes();
    for (FileAttribute<?> each : attributes) {
      given.set(each.name(), each.value());
    }
    return given;
  }

  /**
   * Takes one by its name. Times other than that of modification are not kept, and passed over.
   *
   * @throws UnsupportedOperationException when there is no such attribute, or it is not for setting
   */
  void set(String name, Object value) {
    switch (name) {
      case "lastModifiedTime", "basic:lastModifiedTime", "posix:lastModifiedTime" ->
          modified = (FileTime) value;
      case "lastAccessTime", "basic:lastAccessTime", "creationTime", "basic:creationTime" -> {}
      case "posix:permissions" -> permissions = Permissions.bits(permissions((Set<?>) value));
      case "unix:mode" -> permissions = (Integer) value & Attributes.PERMISSIONS;
      case "posix:owner", "owner:owner" -> uid = Principals.id((UserPrincipal) value);
      case "posix:group" -> gid = Principals.id((UserPrincipal) value);
      case "unix:uid" -> uid = (Integer) value;
      case "unix:gid" -> gid = (Integer) value;
      default -> throw new UnsupportedOperationException("'" + name + "' is not set of an entry");
    }
  }

  private static Set<PosixFilePermission> permissions(Set<?> value) {
    Set<PosixFilePermission> all = EnumSet.noneOf(PosixFilePermission.class);
    value.forEach(each -> all.add((PosixFilePermission) each));
    return all;
  }

  /** Takes over what another has. */
  void add(GivenAttributes other) {
    permissions = other.permissions == UNSET ? permissions : other.permissions;
    uid = other.uid == Attributes.UNKNOWN ? uid : other.uid;
    gid = other.gid == Attributes.UNKNOWN ? gid : other.gid;
    modified = other.modified == null ? modified : other.modified;
  }

  /** Takes over what an entry or a file has. */
  void addAll(Attributes attributes, FileTime time) {
    permissions = attributes.mode() & Attributes.PERMISSIONS;
    uid = attributes.uid();
    gid = attributes.gid();
    modified = time;
  }

  /** Whether an entry has all of this already, its time in the seconds that a zip keeps. */
  boolean isOf(EntryStat entry) {
    Attributes has = entry.attributes();
    FileTime time = modified;
    return (permissions == UNSET || permissions == (has.mode() & Attributes.PERMISSIONS))
        && (uid == Attributes.UNKNOWN || uid == has.uid())
        && (gid == Attributes.UNKNOWN || gid == has.gid())
        && (time == null || time.to(TimeUnit.SECONDS) == Math.floorDiv(entry.modified(), 1_000L));
  }

  /**
   * For an entry of a kind.
   *
   * @param otherwise its permissions where none were given
   */
  DepositOptions options(int kind, int otherwise) {
    int mode = kind | (permissions == UNSET ? otherwise : permissions);
    Attributes attributes = Attributes.of(mode);
    if (uid != Attributes.UNKNOWN || gid != Attributes.UNKNOWN) {
      attributes = attributes.withOwner(uid, gid);
    }
    FileTime time = modified;
    return DepositOptions.DEFAULT
        .withAttributes(attributes)
        .withModified(time == null ? DepositOptions.NOW : time.toMillis());
  }
}
