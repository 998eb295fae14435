package io.sheaf.tree;

import io.sheaf.conf.Secret;
import java.security.NoSuchAlgorithmException;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;

/** ZooKeeper's ids of users with a password. */
public final class Digests {
  private Digests() {}

  /** The id under which the {@code digest} scheme knows a user: {@code user:hash}. */
  public static String of(String user, Secret password) {
    try {
      return DigestAuthenticationProvider.generateDigest(user + ":" + password.reveal());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("ZooKeeper's digest algorithm is missing", e);
    }
  }
}
