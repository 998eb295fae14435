package io.sheaf.tree;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Tls;

/** Why no connection came about, as far as another look at the servers tells. */
final class ConnectFailure {
  private ConnectFailure() {}

  /**
   * The error for a user.
   *
   * @param refused whether a server has said that it does not accept the login
   */
  static RuntimeException of(TreeOptions options, ClientConfig config, boolean refused) {
    if (refused) {
      return refused(options);
    }
    TlsProbe.Finding found = TlsProbe.of(options.servers(), config);
    return switch (found.kind()) {
      case WANTS_TLS ->
          new ConfException(found.server() + " speaks TLS only: set tls=true, and tls_truststore");
      case NO_TLS ->
          new ConfException(
              found.server()
                  + " does not speak TLS at that port: give its secure port, or tls=false");
      case NOT_TRUSTED ->
          new ConfException(
              "the certificate of "
                  + found.server()
                  + " is not trusted ("
                  + found.reason()
                  + "): check "
                  + (hasTruststore(config) ? "tls_truststore" : "that tls_truststore is set"));
      case OTHER_HOST ->
          new ConfException(
              "the certificate of "
                  + found.server()
                  + " is for another host ("
                  + found.reason()
                  + "): give the name in the certificate in --servers");
      case NOTHING_IN_COMMON ->
          new ConfException(
              found.server()
                  + " speaks no TLS that this client has ("
                  + found.reason()
                  + "): enable TLS 1.2 or 1.3 there");
      case CERTIFICATE_REFUSED ->
          new TreeDeniedException(
              found.server()
                  + " refuses "
                  + (options.protection().tls() != null && hasKeystore(config)
                      ? "the certificate in tls_keystore"
                      : "clients without a certificate: set tls_keystore")
                  + " ("
                  + found.reason()
                  + ")",
              null);
      case NOTHING ->
          new TreeUnreachableException(
              "ZooKeeper at "
                  + options.servers()
                  + " does not answer: check --servers, or try again",
              null);
    };
  }

  static TreeDeniedException refused(TreeOptions options) {
    return new TreeDeniedException(
        "ZooKeeper at "
            + options.servers()
            + " does not accept "
            + options.identity().text()
            + ": check user and password there, and that the server is set up for SASL and knows"
            + " them",
        null);
  }

  private static boolean hasTruststore(ClientConfig config) {
    Tls tls = config.tls();
    return tls != null && tls.truststore() != null;
  }

  private static boolean hasKeystore(ClientConfig config) {
    Tls tls = config.tls();
    return tls != null && tls.keystore() != null;
  }
}
