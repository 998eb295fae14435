package io.sheaf.worker;

/** Which build of Sheaf this is. */
final class Build {
  private Build() {}

  /** From the jar's manifest; {@code dev} for classes that come from no jar. */
  static String version() {
    String version = Build.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
