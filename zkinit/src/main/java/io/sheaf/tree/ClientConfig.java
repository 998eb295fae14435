package io.sheaf.tree;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Tls;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.apache.zookeeper.common.X509Exception;
import org.apache.zookeeper.common.X509Util;
import org.jspecify.annotations.Nullable;

/**
 * ZooKeeper's settings of one client. They are the client's own: another one in this process may
 * have others. Certificates have been read when this is made, so a bad file is found here.
 */
final class ClientConfig {
  private final ZKClientConfig config = new ZKClientConfig();
  private final @Nullable Tls tls;
  private KeyManager @Nullable [] keys;
  private TrustManager @Nullable [] trusted;

  private ClientConfig(@Nullable Tls tls) {
    this.tls = tls;
  }

  /**
   * Reads what the options name.
   *
   * @throws ConfException when a file is none, or its password is wrong
   */
  static ClientConfig of(TreeOptions options) {
    ClientConfig made = new ClientConfig(options.protection().tls());
    made.sasl(options.protection().jaasFile());
    if (made.tls != null) {
      made.tls(made.tls);
    }
    return made;
  }

  private void sasl(@Nullable String jaasFile) {
    boolean wanted = jaasFile != null;
    set(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, Boolean.toString(wanted));
    // In that mode DIGEST-MD5 is refused, and TLS is as strict without it.
    set(X509Util.FIPS_MODE_PROPERTY, Boolean.toString(!wanted));
    if (jaasFile != null) {
      set(ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, LoginContexts.clientOf(jaasFile));
    }
  }

  private void tls(Tls wanted) {
    set(ZKClientConfig.SECURE_CLIENT, "true");
    set(ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET, "org.apache.zookeeper.ClientCnxnSocketNetty");
    try (ClientX509Util names = new ClientX509Util()) {
      // By default a client of 3.9 takes 1.3 only, and a server of 3.8 has 1.2 only.
      set(names.getSslEnabledProtocolsProperty(), "TLSv1.3,TLSv1.2");
      set(names.getSslHostnameVerificationEnabledProperty(), Boolean.toString(wanted.hostnames()));
      Tls.Store keystore = wanted.keystore();
      // Named even where there is none: a server in this process may have set its own for all.
      set(names.getSslKeystoreLocationProperty(), keystore == null ? "" : keystore.file());
      if (keystore != null) {
        set(names.getSslKeystoreTypeProperty(), keystore.type());
        set(names.getSslKeystorePasswdProperty(), password(keystore));
        keys = new KeyManager[] {readKeys(keystore)};
      }
      Tls.Store truststore = wanted.truststore();
      set(names.getSslTruststoreLocationProperty(), truststore == null ? "" : truststore.file());
      if (truststore != null) {
        set(names.getSslTruststoreTypeProperty(), truststore.type());
        set(names.getSslTruststorePasswdProperty(), password(truststore));
        trusted = new TrustManager[] {readTrusted(truststore)};
      }
    }
  }

  private void set(String key, String value) {
    config.setProperty(key, value);
  }

  private static String password(Tls.Store store) {
    return store.password() == null ? "" : store.password().reveal();
  }

  private static KeyManager readKeys(Tls.Store store) {
    try {
      return X509Util.createKeyManager(store.file(), password(store), store.type());
    } catch (X509Exception e) {
      throw unreadable("tls_keystore", store, e);
    }
  }

  private static TrustManager readTrusted(Tls.Store store) {
    try {
      return X509Util.createTrustManager(
          store.file(), password(store), store.type(), false, false, false, false, false, true);
    } catch (X509Exception e) {
      throw unreadable("tls_truststore", store, e);
    }
  }

  private static ConfException unreadable(String key, Tls.Store store, X509Exception e) {
    return new ConfException(
        store.origin()
            + ": cannot read "
            + key
            + " "
            + store.file()
            + " as "
            + store.type()
            + ": "
            + reason(key, store, e),
        e);
  }

  private static String reason(String key, Tls.Store store, X509Exception e) {
    if (Causes.mention(e, "password")) {
      return "its password is "
          + (store.password() == null ? "missing" : "wrong")
          + ": give "
          + key
          + "_password_file";
    }
    return Causes.mention(e, "trustanchors")
        ? "it holds no certificate to trust"
        : Causes.deepest(e);
  }

  ZKClientConfig zooKeeper() {
    return config;
  }

  @Nullable Tls tls() {
    return tls;
  }

  /** Null where there is no keystore. */
  KeyManager @Nullable [] keys() {
    return keys;
  }

  /** Null where Java's own are trusted. */
  TrustManager @Nullable [] trusted() {
    return trusted;
  }
}
