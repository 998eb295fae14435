package io.sheaf.conf;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What protects a connection with ZooKeeper, besides a user's password.
 *
 * @param tls null for none
 * @param jaasFile with the section {@code Client} that says how to log in by SASL; null for none
 */
public record Protection(@Nullable Tls tls, @Nullable String jaasFile) {
  public static final Protection NONE = new Protection(null, null);

  /**
   * As the settings say.
   *
   * @throws ConfException when a file is missing, or one with a secret is open to others
   */
  public static Protection of(Settings settings) {
    Path jaas = settings.find(Keys.SASL_CONFIG).orElse(null);
    if (jaas != null) {
      requirePrivate(jaas, settings.origin(Keys.SASL_CONFIG).text());
    }
    return new Protection(
        Tls.of(settings).orElse(null), jaas == null ? null : jaas.toAbsolutePath().toString());
  }

  private static void requirePrivate(Path jaas, String origin) {
    try {
      Secrets.requirePrivate(jaas, origin + ": there is a password in it, and");
    } catch (IOException e) {
      throw new ConfException(origin + ": cannot read the JAAS file " + jaas + ": " + e, e);
    }
  }
}
