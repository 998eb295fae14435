package io.sheaf.conf;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a session takes at most, of one user or for the archives whose names begin alike.
 *
 * @param subject {@code uid:1001}, or the beginning of archive names such as {@code logs/}
 * @param bytes of contents; 0 is no limit
 * @param entries 0 is no limit
 */
public record Quota(String subject, long bytes, long entries) {
  private static final String USER = "uid:";

  /** The subject that stands for a user. */
  public static String user(int uid) {
    return USER + Integer.toUnsignedString(uid);
  }

  boolean isOfUser() {
    return subject.matches(USER + "[0-9]{1,10}");
  }

  /**
   * Reads {@code logs/=10G:100000,uid:1001=5G}; an IllegalArgumentException says that it is bad.
   */
  static List<Quota> parseAll(String text) {
    List<Quota> quotas =
        Arrays.stream(text.split(",", -1)).map(String::strip).map(Quota::parse).toList();
    long subjects = quotas.stream().map(Quota::subject).distinct().count();
    if (subjects < quotas.size()) {
      throw new IllegalArgumentException("two quotas of one subject");
    }
    return quotas;
  }

  private static Quota parse(String text) {
    int equals = text.lastIndexOf('=');
    if (equals <= 0) {
      throw new IllegalArgumentException("not SUBJECT=BYTES:ENTRIES: " + text);
    }
    String limits = text.substring(equals + 1);
    int colon = limits.indexOf(':');
    long bytes = Units.parseSize(colon < 0 ? limits : limits.substring(0, colon));
    long entries = colon < 0 ? 0 : Long.parseLong(limits.substring(colon + 1));
    if (entries < 0) {
      throw new IllegalArgumentException("below 0: " + text);
    }
    return new Quota(text.substring(0, equals), bytes, entries);
  }

  static String formatAll(List<Quota> quotas) {
    return quotas.stream().map(Quota::toString).collect(Collectors.joining(","));
  }

  @Override
  public String toString() {
    return subject + "=" + Units.formatSize(bytes) + ":" + entries;
  }
}
