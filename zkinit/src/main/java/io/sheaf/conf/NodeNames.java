package io.sheaf.conf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The values that {@link Templates} have on every node, for every process of a user. */
public final class NodeNames {
  private NodeNames() {}

  /**
   * {@code node}: Slurm's name of this node, or else the host's; {@code host}: its name without the
   * domain; {@code uid}: number of this process's user. Each can be part of a file's name.
   *
   * @param environment of this process
   */
  public static Map<String, String> of(Map<String, String> environment) {
    String host = host();
    String node = environment.getOrDefault("SLURMD_NODENAME", "");
    Map<String, String> names = new TreeMap<>();
    names.put("host", host);
    names.put("node", node.isEmpty() ? host : clean(node));
    names.put("uid", uid());
    return names;
  }

  /** As text, since a machine without /proc has only the user's name to tell users apart. */
  static String uid() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString();
    } catch (IOException | UnsupportedOperationException e) {
      return clean(System.getProperty("user.name"));
    }
  }

  // Not HOSTNAME: a job's environment often carries that of the host it was submitted on.
  private static String host() {
    try {
      return shortened(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
    } catch (IOException e) {
      return resolvedHost();
    }
  }

  private static String resolvedHost() {
    try {
      return shortened(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static String shortened(String host) {
    int dot = host.indexOf('.');
    return clean(dot > 0 ? host.substring(0, dot) : host);
  }

  private static String clean(String name) {
    String clean = name.replaceAll("[^A-Za-z0-9._-]", "_");
    return clean.isEmpty() || clean.startsWith(".") ? "localhost" : clean;
  }
}
