package io.sheaf.tree;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Notes that a server has shown a certificate, so that it does speak TLS, whatever comes then. */
final class Witness extends X509ExtendedTrustManager {
  private final @Nullable X509ExtendedTrustManager judge;
  private volatile boolean shown;

  private Witness(@Nullable X509ExtendedTrustManager judge) {
    this.judge = judge;
  }

  /** Trusts everybody, for a look that nothing depends on. */
  static Witness trustingAll() {
    return new Witness(null);
  }

  /** Trusts whom these trust; null is whom Java trusts. */
  static Witness of(TrustManager @Nullable [] trusted) throws GeneralSecurityException {
    for (TrustManager manager : trusted == null ? ofJava() : trusted) {
      if (manager instanceof X509ExtendedTrustManager judge) {
        return new Witness(judge);
      }
    }
    throw new GeneralSecurityException("nothing to judge certificates by");
  }

  private static TrustManager[] ofJava() throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    return factory.getTrustManagers();
  }

  boolean hasSeen() {
    return shown;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    shown = true;
    if (judge != null) {
      judge.checkServerTrusted(chain, type, socket);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("sockets only");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("sockets only");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("servers only");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("servers only");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("servers only");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return judge == null ? new X509Certificate[0] : judge.getAcceptedIssuers();
  }
}
