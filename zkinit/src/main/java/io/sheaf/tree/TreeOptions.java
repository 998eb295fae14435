package io.sheaf.tree;

import io.sheaf.conf.Access;
import io.sheaf.conf.ConfException;
import io.sheaf.conf.Credentials;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Protection;
import io.sheaf.conf.Secret;
import io.sheaf.conf.Settings;
import io.sheaf.conf.Tls;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach ZooKeeper, and as whom.
 *
 * @param servers {@code host:port,host:port/chroot}
 * @param root the znode that holds everything of Sheaf
 * @param user by digest; null is known by what the connection proves, or as nobody
 */
public record TreeOptions(
    String servers,
    String root,
    Duration sessionTimeout,
    Duration connectTimeout,
    @Nullable String user,
    @Nullable Secret password,
    Protection protection) {

  public TreeOptions {
    if ((user == null) != (password == null)) {
      throw new ConfException(
          user == null
              ? "a password for ZooKeeper is given but no user: give the user, or drop the password"
              : "no password for the ZooKeeper user "
                  + user
                  + ": give password_file or password_env");
    }
  }

  /** Without TLS and SASL. */
  public TreeOptions(
      String servers,
      String root,
      Duration sessionTimeout,
      Duration connectTimeout,
      @Nullable String user,
      @Nullable Secret password) {
    this(servers, root, sessionTimeout, connectTimeout, user, password, Protection.NONE);
  }

  /** For a server without users, under {@code /sheaf}, with the default timeouts. */
  public static TreeOptions open(String servers) {
    return of(Settings.builder().option(Keys.SERVERS, servers).build());
  }

  /** As {@link #of(Settings, Access)}, of a coordinator: what most commands need. */
  public static TreeOptions of(Settings settings) {
    return of(settings, Access.COORDINATOR);
  }

  /**
   * As the settings say.
   *
   * @param access which of the passwords counts, where the settings name a credentials file
   */
  public static TreeOptions of(Settings settings, Access access) {
    return settings
        .credentials()
        .map(credentials -> of(settings, credentials, access))
        .orElseGet(() -> given(settings));
  }

  private static TreeOptions given(Settings settings) {
    return new TreeOptions(
        settings.get(Keys.SERVERS),
        settings.get(Keys.ROOT),
        settings.get(Keys.SESSION_TIMEOUT),
        settings.get(Keys.CONNECT_TIMEOUT),
        settings.find(Keys.USER).orElse(null),
        settings.password().orElse(null),
        Protection.of(settings));
  }

  /**
   * As one of the users of a server that Sheaf has started. What the settings say of users, root,
   * TLS and SASL is meant for another server.
   */
  public static TreeOptions of(Settings settings, Credentials credentials, Access access) {
    return new TreeOptions(
        settings.get(Keys.SERVERS),
        ClosedTree.ROOT,
        settings.get(Keys.SESSION_TIMEOUT),
        settings.get(Keys.CONNECT_TIMEOUT),
        access.user(),
        credentials.password(access));
  }

  Identity identity() {
    if (user != null && password != null) {
      return Identity.user(user, password);
    }
    if (protection.jaasFile() != null) {
      return Identity.connection("sasl", "the user in " + protection.jaasFile());
    }
    Tls tls = protection.tls();
    Tls.Store keystore = tls == null ? null : tls.keystore();
    return keystore == null
        ? Identity.nobody()
        : Identity.connection("x509", "the certificate in " + keystore.file());
  }
}
