package io.sheaf.batch;

import java.io.IOException;

/**
 * The base directory is not there, or another one is in its place: its filesystem is not mounted.
 * Nothing was done; wait until it is back.
 */
public final class BaseGoneException extends IOException {
  private static final long serialVersionUID = 1;

  BaseGoneException(String message) {
    super(message);
  }
}
