package io.sheaf.tree;

import io.sheaf.conf.Secret;

/**
 * As whom a client is known to ZooKeeper.
 *
 * @param id of a user with a password; of others the scheme that the connection must prove
 * @param text for messages
 */
record Identity(Kind kind, String id, String text) {
  enum Kind {
    /** By user and password. */
    USER,
    /** By what the connection proved: a certificate, or SASL. */
    CONNECTION,
    NOBODY
  }

  static Identity nobody() {
    return new Identity(Kind.NOBODY, "", "nobody (no user is configured)");
  }

  static Identity user(String user, Secret password) {
    return new Identity(Kind.USER, Digests.of(user, password), "user " + user);
  }

  static Identity connection(String scheme, String text) {
    return new Identity(Kind.CONNECTION, scheme, text);
  }
}
