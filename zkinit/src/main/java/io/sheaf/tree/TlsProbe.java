package io.sheaf.tree;

import io.sheaf.conf.Tls;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
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
      throws GeneralSecurityException {
    Witness witness = Witness.trustingAll();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {witness}, null);
    boolean alert = false;
    try {
      handshake(socket, server, context, false);
    } catch (IOException e) {
      alert = isAlert(e);
    }
    return alert || witness.hasSeen() ? new Finding(Kind.WANTS_TLS, name, "") : Finding.NOTHING;
  }

  private static Finding secure(
      Socket socket, InetSocketAddress server, String name, ClientConfig config)
      throws GeneralSecurityException {
    Tls tls = config.tls();
    Witness witness = Witness.of(config.trusted());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(config.keys(), new TrustManager[] {witness}, null);
    try {
      handshake(socket, server, context, tls != null && tls.hostnames());
      return Finding.NOTHING;
    } catch (SocketTimeoutException e) {
      return Finding.NOTHING;
    } catch (IOException e) {
      return new Finding(kind(e, witness), name, Causes.deepest(e));
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
        if (secure.getInputStream().read() < 0) {
          throw new EOFException("it hung up after the handshake");
        }
      } catch (SocketTimeoutException e) {
        return; // it waits for us: we are let in
      }
    }
  }

  private static Kind kind(IOException e, Witness witness) {
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
    // It hung up: on the hello, or, without a word, on what this client has shown it.
    return witness.hasSeen() ? Kind.CERTIFICATE_REFUSED : Kind.NO_TLS;
  }

  private static boolean hasNothingInCommon(IOException e) {
    return Causes.mention(e, "protocol_version")
        || Causes.mention(e, "handshake_failure")
        || Causes.mention(e, "insufficient_security");
  }

  private static boolean isAlert(IOException e) {
    return String.valueOf(e.getMessage()).contains("Received fatal alert");
  }
}
