package io.sheaf.conf;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;

/** The passwords of a ZooKeeper server that Sheaf has started and closed to all others. */
public final class Credentials {
  private static final int BYTES = 16;

  private final Map<Access, Secret> passwords;
  private final Secret quorum;

  Credentials(Map<Access, Secret> passwords, Secret quorum) {
    this.passwords = new EnumMap<>(passwords);
    this.quorum = quorum;
  }

  /** New ones, of 128 random bits each. */
  public static Credentials random() {
    SecureRandom random = new SecureRandom();
    Map<Access, Secret> passwords = new EnumMap<>(Access.class);
    for (Access access : Access.values()) {
      passwords.put(access, random(random));
    }
    return new Credentials(passwords, random(random));
  }

  private static Secret random(SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /** The password of {@link Access#user}. */
  public Secret password(Access access) {
    Secret password = passwords.get(access);
    if (password == null) {
      throw new IllegalStateException("no password of " + access);
    }
    return password;
  }

  /** What the servers of an ensemble know each other by. */
  public Secret quorum() {
    return quorum;
  }

  @Override
  public String toString() {
    return "Credentials[" + Secret.STARS + "]";
  }
}
