package io.sheaf.batch;

/** How the contents of an entry are kept (APPNOTE 4.4.5). */
public enum Compression {
  STORED(0),
  DEFLATED(8);

  private final int method;

  Compression(int method) {
    this.method = method;
  }

  /** The number in a zip header. */
  public int method() {
    return method;
  }
}
