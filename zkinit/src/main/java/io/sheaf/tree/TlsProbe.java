package io.sheaf.tree;

import io.sheaf.conf.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.zookeeper.client.ConnectStringParser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shakes hands with a server by TLS, to find out why a client could not connect: ZooKeeper's own
 * client only logs it and tries again. Nothing is sent but the handshake.
 */
final class TlsProbe {
  private static final Logger log = LoggerFactory.getLogger(TlsProbe.class);
  private static final int TIMEOUT_MILLIS = 3000;

  enum Kind {
    /** The client does not speak TLS, and the server does. */
    WANTS_TLS,
    /** The client speaks TLS, and the server does not. */
    NO_TLS,
    NOT_TRUSTED,
    OTHER_HOST,
    CERTIFICATE_REFUSED,
    /** There is no version or cipher of TLS that both have. */
    NOTHING_IN_COMMON,
    /** No server answers, or the handshake succeeds. */
    NOTHING
  }

  /** What the first server that can be reached has shown. */
  record Finding(Kind kind, String server, String reason) {
    static final Finding NOTHING = new Finding(Kind.NOTHING, "", "");
  }

  private TlsProbe() {}

  static Finding of(String servers, ClientConfig config) {
    for (InetSocketAddress server : new ConnectStringParser(servers).getServerAddresses()) {
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(server.getHostString(), server.getPort()), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        String name = server.getHostString() + ":" + server.getPort();
        return config.tls() == null
            ? plain(socket, server, name)
            : secure(socket, server, name, config);
      } catch (IOException | GeneralSecurityException e) {
        log.debug("{} does not tell why: {}", server, e.toString()); // the next one may
      }
    }
    return Finding.NOTHING;
  }

  /** Whether it answers a TLS hello at all; what it shows is not looked at. */
  private static Finding plain(Socket socket, InetSocketAddress server, String name)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anybody()}, null);
    try {
      handshake(socket, server, context, false);
      return new Finding(Kind.WANTS_TLS, name, "");
    } catch (SSLException e) {
      return isAlert(e) ? new Finding(Kind.WANTS_TLS, name, "") : Finding.NOTHING;
    }
  }

  private static Finding secure(
      Socket socket, InetSocketAddress server, String name, ClientConfig config)
      throws IOException, GeneralSecurityException {
    Tls tls = config.tls();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(config.keys(), config.trusted(), null);
    try {
      handshake(socket, server, context, tls != null && tls.hostnames());
      return Finding.NOTHING;
    } catch (SSLException e) {
      return new Finding(kind(e), name, Causes.deepest(e));
    } catch (SocketTimeoutException e) {
      return Finding.NOTHING;
    } catch (IOException e) {
      return new Finding(Kind.NO_TLS, name, Causes.deepest(e)); // it hung up on the hello
    }
  }

  /** Waits for what comes after the handshake, too: a refused certificate is told only then. */
  private static void handshake(
      Socket socket, InetSocketAddress server, SSLContext context, boolean hostnames)
      throws IOException {
    try (SSLSocket secure =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(socket, server.getHostString(), server.getPort(), true)) {
      if (hostnames) {
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
      }
      secure.startHandshake();
      secure.setSoTimeout(TIMEOUT_MILLIS / 3);
      try {
        int unused = secure.getInputStream().read();
      } catch (SocketTimeoutException e) {
        return; // it waits for us: we are let in
      }
    }
  }

  private static Kind kind(SSLException e) {
    if (isAlert(e)) {
      return hasNothingInCommon(e) ? Kind.NOTHING_IN_COMMON : Kind.CERTIFICATE_REFUSED;
    }
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof CertificateException) {
        String message = String.valueOf(at.getMessage());
        return message.contains("matching") || message.contains("subject alternative")
            ? Kind.OTHER_HOST
            : Kind.NOT_TRUSTED;
      }
    }
    return Kind.NO_TLS;
  }

  private static boolean hasNothingInCommon(SSLException e) {
    return Causes.mention(e, "protocol_version")
        || Causes.mention(e, "handshake_failure")
        || Causes.mention(e, "insufficient_security");
  }

  private static boolean isAlert(SSLException e) {
    return String.valueOf(e.getMessage()).contains("Received fatal alert");
  }

  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
