package io.sheaf.batch;

import io.sheaf.zip.BadZipException;

/** A batch of a later Sheaf, whole as far as this one can tell: it is kept as it is. */
final class NewerManifestException extends BadZipException {
  private static final long serialVersionUID = 1;

  NewerManifestException(String reason) {
    super(reason);
  }
}
