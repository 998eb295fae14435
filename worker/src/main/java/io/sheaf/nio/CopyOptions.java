package io.sheaf.nio;

import java.nio.file.CopyOption;
import java.nio.file.LinkOption;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;

/** How something is copied. */
record CopyOptions(boolean replace, boolean attributes, boolean follow) {
  static CopyOptions of(CopyOption... options) {
    List<CopyOption> given = List.of(options);
    for (CopyOption each : given) {
      boolean known =
          each == StandardCopyOption.REPLACE_EXISTING
              || each == StandardCopyOption.COPY_ATTRIBUTES
              || each == LinkOption.NOFOLLOW_LINKS;
      if (!known) {
        throw new UnsupportedOperationException(
            Objects.requireNonNull(each) + " is not for entries of archives");
      }
    }
    return new CopyOptions(
        given.contains(StandardCopyOption.REPLACE_EXISTING),
        given.contains(StandardCopyOption.COPY_ATTRIBUTES),
        !given.contains(LinkOption.NOFOLLOW_LINKS));
  }
}
