package io.sheaf.conf;

/**
 * Where a value came from.
 *
 * @param text for messages: {@code --rotate-bytes}, {@code SHEAF_ROTATE_BYTES}, {@code
 *     conf/my.conf:12}, {@code session x}, {@code default}
 * @param explicit whether the user of this process gave it
 */
public record Origin(String text, boolean explicit) {
  static final Origin DEFAULT = new Origin("default", false);

  @Override
  public String toString() {
    return text;
  }
}
