package io.sheaf.nio;

import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The attributes of a path, for reading, and for setting while it is written. */
record AttributeView(String name, SheafPath path, boolean follow)
    implements PosixFileAttributeView {
  @Override
  public PosixFileAttributes readAttributes() throws IOException {
    return new EntryAttributes(path.fs().entries().stat(path, follow));
  }

  @Override
  public UserPrincipal getOwner() throws IOException {
    return readAttributes().owner();
  }

  /** As {@link Writers#change}. */
  @Override
  public void setTimes(
      @Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created)
      throws IOException {
    if (modified != null) {
      set("lastModifiedTime", modified);
    }
  }

  @Override
  public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
    set("posix:permissions", permissions);
  }

  @Override
  public void setOwner(UserPrincipal owner) throws IOException {
    set("posix:owner", owner);
  }

  @Override
  public void setGroup(GroupPrincipal group) throws IOException {
    set("posix:group", group);
  }

  private void set(String attribute, Object value) throws IOException {
    GivenAttributes change = new GivenAttributes();
    change.set(attribute, value);
    path.fs().writers().change(path, change);
  }
}
