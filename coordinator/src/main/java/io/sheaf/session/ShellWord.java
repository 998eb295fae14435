package io.sheaf.session;

/** A word as a POSIX shell has to be given it. */
public final class ShellWord {
  private ShellWord() {}

  /** In single quotes: it stands for itself, whatever is in it. */
  public static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
