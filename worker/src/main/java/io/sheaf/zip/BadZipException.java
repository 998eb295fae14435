package io.sheaf.zip;

import java.io.IOException;

/** Bytes that are no zip, or a damaged one. Reading them again is no use. */
public class BadZipException extends IOException {
  private static final long serialVersionUID = 1;

  public BadZipException(String reason) {
    super(reason);
  }
}
