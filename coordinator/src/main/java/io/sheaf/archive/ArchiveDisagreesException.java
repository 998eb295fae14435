package io.sheaf.archive;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An archive and what Sheaf wrote down about it disagree. Nothing was touched, and nothing will be
 * until somebody has looked: trying again is no use. The message says what to do.
 */
public final class ArchiveDisagreesException extends IOException {
  private static final long serialVersionUID = 1;

  ArchiveDisagreesException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
