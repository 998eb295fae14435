package io.sheaf.zkinit;

import io.sheaf.tree.LoginContexts;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/**
 * The settings of an embedded server. See ZooKeeper's administrator's guide; keys that its config
 * file does not know become its system properties.
 */
final class ServerConfiguration {
  private final Properties properties = new Properties();

  ServerConfiguration(Path data) {
    set("dataDir", data.toAbsolutePath().toString());
    set("tickTime", "1000");
    set("minSessionTimeout", "1000");
    set("maxSessionTimeout", "120000");
    set("maxClientCnxns", "0"); // all members of a machine share one address
    set("admin.enableServer", "false");
    set("extendedTypesEnabled", "true"); // TTL nodes
    set("4lw.commands.whitelist", "srvr"); // the others tell who is connected, and what they watch
    set("autopurge.snapRetainCount", "3");
    set("autopurge.purgeInterval", "1"); // hours
  }

  private void set(String key, String value) {
    properties.setProperty(key, value);
  }

  void client(String address, int port) {
    set("clientPort", Integer.toString(port));
    set("clientPortAddress", address);
  }

  /** One of several servers. Times are in ticks of a second. */
  void ensemble(List<EnsembleServer> servers, boolean everywhere) {
    set("quorumListenOnAllIPs", Boolean.toString(everywhere));
    set("initLimit", "20");
    set("syncLimit", "5");
    servers.forEach(server -> set("server." + server.id(), server.line()));
  }

  /** Servers let in only those who know the password of these login contexts. */
  void quorumLogin(LoginContexts.Pair logins) {
    set("fips-mode", "false"); // which would refuse DIGEST-MD5
    set("quorum.auth.enableSasl", "true");
    set("quorum.auth.learnerRequireSasl", "true");
    set("quorum.auth.serverRequireSasl", "true");
    set("quorum.auth.learner.saslLoginContext", logins.client());
    set("quorum.auth.server.saslLoginContext", logins.server());
  }

  /** Serves the port by TLS only, with certificates as ZooKeeper's {@code ssl.} keys say. */
  void secure(Properties certificates) {
    set("secureClientPort", properties.getProperty("clientPort"));
    set("secureClientPortAddress", properties.getProperty("clientPortAddress"));
    set("serverCnxnFactory", "org.apache.zookeeper.server.NettyServerCnxnFactory");
    properties.remove("clientPort");
    properties.remove("clientPortAddress");
    properties.putAll(certificates);
  }

  void addAll(Properties further) {
    properties.putAll(further);
  }

  Properties properties() {
    return properties;
  }
}
