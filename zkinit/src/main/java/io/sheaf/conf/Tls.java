package io.sheaf.conf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How to speak TLS with ZooKeeper.
 *
 * @param keystore this client's own certificate and key; null shows none
 * @param truststore whom to trust; null trusts whom Java trusts
 * @param hostnames whether the server's certificate must name the host that was asked for
 */
public record Tls(@Nullable Store keystore, @Nullable Store truststore, boolean hostnames) {
  /**
   * A file with certificates.
   *
   * @param type PEM, JKS or PKCS12
   * @param origin of the setting that names it, for messages
   */
  public record Store(String file, String type, @Nullable Secret password, String origin) {}

  /** As the settings say; empty when they do not ask for TLS. */
  static Optional<Tls> of(Settings settings) {
    if (!settings.get(Keys.TLS)) {
      return Optional.empty();
    }
    Store keystore = store(settings, Keys.TLS_KEYSTORE, Keys.TLS_KEYSTORE_PASSWORD_FILE);
    Store truststore = store(settings, Keys.TLS_TRUSTSTORE, Keys.TLS_TRUSTSTORE_PASSWORD_FILE);
    if (keystore != null) {
      requirePrivate(keystore);
    }
    return Optional.of(new Tls(keystore, truststore, settings.get(Keys.TLS_HOSTNAME_VERIFICATION)));
  }

  private static @Nullable Store store(Settings settings, Key<Path> key, Key<Path> passwordKey) {
    Path file = settings.find(key).orElse(null);
    if (file == null) {
      return null;
    }
    String origin = settings.origin(key).text();
    if (!Files.isRegularFile(file)) {
      throw new ConfException(origin + ": " + key.name() + " " + file + " is no file");
    }
    Secret password =
        settings
            .find(passwordKey)
            .map(from -> Secrets.fromFile(from, settings.origin(passwordKey).text()))
            .orElse(null);
    return new Store(file.toAbsolutePath().toString(), type(file, key, origin), password, origin);
  }

  private static String type(Path file, Key<Path> key, String origin) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return switch (ending) {
      case "pem" -> "PEM";
      case "jks" -> "JKS";
      case "p12", "pfx", "pkcs12" -> "PKCS12";
      default ->
          throw new ConfException(
              origin
                  + ": "
                  + key.name()
                  + " "
                  + file
                  + " has no ending that tells its format: .pem, .jks or .p12");
    };
  }

  private static void requirePrivate(Store keystore) {
    try {
      Secrets.requirePrivate(Path.of(keystore.file()), keystore.origin() + ": the keystore");
    } catch (IOException e) {
      throw new ConfException(
          keystore.origin() + ": cannot see who may read " + keystore.file() + ": " + e, e);
    }
  }
}
