package io.sheaf.zkinit;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;

/** What {@code conf/examples/make-test-certificates} makes. */
record Certificates(Path directory) {
  static Certificates make(Path directory) throws IOException, InterruptedException {
    ProcessBuilder script =
        new ProcessBuilder("../conf/examples/make-test-certificates", directory.toString());
    String java = Path.of(System.getProperty("java.home"), "bin").toString();
    script.environment().put("PATH", java + File.pathSeparator + System.getenv("PATH"));
    Path log = directory.resolveSibling(directory.getFileName() + ".log");
    Process process = script.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (process.waitFor() != 0) {
      throw new IOException("no certificates: " + Files.readString(log));
    }
    return new Certificates(directory);
  }

  String file(String name) {
    return directory.resolve(name).toString();
  }

  String password() throws IOException {
    return Files.readString(directory.resolve("password"));
  }

  /** For a server that lets in only clients with a certificate. */
  Properties server() throws IOException {
    Properties properties = new Properties();
    properties.setProperty("ssl.keyStore.location", file("server.p12"));
    properties.setProperty("ssl.keyStore.password", password());
    properties.setProperty("ssl.trustStore.location", file("truststore.p12"));
    properties.setProperty("ssl.trustStore.password", password());
    properties.setProperty("ssl.clientHostnameVerification", "false");
    return properties;
  }

  Settings.Builder client(String servers, String name) {
    return trusting(servers)
        .option(Keys.TLS_KEYSTORE, file(name + ".p12"))
        .option(Keys.TLS_KEYSTORE_PASSWORD_FILE, file("password"));
  }

  Settings.Builder trusting(String servers) {
    return Settings.builder()
        .option(Keys.SERVERS, servers)
        .option(Keys.CONNECT_TIMEOUT, "2s")
        .option(Keys.TLS, "true")
        .option(Keys.TLS_TRUSTSTORE, file("truststore.p12"))
        .option(Keys.TLS_TRUSTSTORE_PASSWORD_FILE, file("password"));
  }

  /** A certificate that the authority has not signed, with the same password. */
  void selfSigned(Path store) throws IOException, InterruptedException {
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String arguments =
        "-genkeypair -alias own -dname CN=worker -keyalg EC -storetype PKCS12 -keystore "
            + store
            + " -storepass:file "
            + file("password");
    List<String> command = new ArrayList<>(List.of(keytool));
    command.addAll(List.of(arguments.split(" ", -1)));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(said);
    }
    Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rw-------"));
  }

  /** The same certificate and key, as PEM. */
  Path pem(String name) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    char[] password = password().toCharArray();
    try (var in = Files.newInputStream(directory.resolve(name + ".p12"))) {
      store.load(in, password);
    }
    Key key = store.getKey(name, password);
    StringBuilder pem = new StringBuilder(block("PRIVATE KEY", key.getEncoded()));
    for (Certificate certificate : store.getCertificateChain(name)) {
      pem.append(block("CERTIFICATE", certificate.getEncoded()));
    }
    Path file = Files.createTempFile(directory, name, ".pem"); // of mode 0600
    return Files.writeString(file, pem);
  }

  private static String block(String what, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
  }
}
