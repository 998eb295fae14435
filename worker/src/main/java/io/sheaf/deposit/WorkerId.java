package io.sheaf.deposit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * The name of a process that joins a session: {@code <host>-<pid>-<incarnation>}. The incarnation
 * is random, so no two processes ever share a name, also not on a host that reuses its pids.
 *
 * @param host short host name, without '-'
 */
public record WorkerId(String host, long pid, String incarnation) {
  private static final String DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
  private static final int INCARNATION_DIGITS = 6;

  /** A new name for this process. */
  public static WorkerId create() {
    SecureRandom random = new SecureRandom();
    StringBuilder incarnation = new StringBuilder();
    for (int i = 0; i < INCARNATION_DIGITS; i++) {
      incarnation.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
    }
    return new WorkerId(shortHost(), ProcessHandle.current().pid(), incarnation.toString());
  }

  /** A host name as it may stand in an id: without domain, odd characters as '_'. */
  static String sanitize(String host) {
    int dot = host.indexOf('.');
    String first = dot > 0 ? host.substring(0, dot) : host;
    String clean = first.replaceAll("[^A-Za-z0-9_.]", "_");
    return clean.isEmpty() ? "localhost" : clean;
  }

  // Not HOSTNAME: a job's environment often carries that of the host it was submitted on.
  private static String shortHost() {
    try {
      return sanitize(Files.readString(Path.of("/proc/sys/kernel/hostname")).trim());
    } catch (IOException e) {
      return resolvedHost();
    }
  }

  private static String resolvedHost() {
    try {
      return sanitize(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  @Override
  public String toString() {
    return host + "-" + pid + "-" + incarnation;
  }
}
