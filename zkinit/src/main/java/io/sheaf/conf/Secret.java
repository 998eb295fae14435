package io.sheaf.conf;

/** A password. It prints as stars; only {@link #reveal} gives it away. */
public final class Secret {
  static final String STARS = "***";
  private final String value;

  public Secret(String value) {
    this.value = value;
  }

  public String reveal() {
    return value;
  }

  @Override
  public String toString() {
    return STARS;
  }
}
