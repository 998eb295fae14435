package io.sheaf.archive;

/** The name under which a second entry of one name is kept: {@code dir/name~2.ext}. */
final class NumberedName {
  private NumberedName() {}

  static String of(String name, int n) {
    int slash = name.lastIndexOf('/');
    int dot = name.lastIndexOf('.');
    // A dot that begins the last component, as in .profile, begins no ending.
    int cut = dot > slash + 1 ? dot : name.length();
    return name.substring(0, cut) + "~" + n + name.substring(cut);
  }
}
