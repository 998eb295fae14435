package io.sheaf.tree;

import io.sheaf.conf.Secret;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.Configuration;
import org.apache.zookeeper.server.auth.DigestLoginModule;
import org.jspecify.annotations.Nullable;

/**
 * Login contexts of JAAS that are known in this process only, under names of their own. So no
 * password has to stand in a file or a system property, and several clients may log in as different
 * users. Contexts of other names are found where they were before.
 */
public final class LoginContexts {
  /** Names of the two sides of one login. */
  public record Pair(String client, String server) {}

  private static final Map<String, AppConfigurationEntry[]> KNOWN = new ConcurrentHashMap<>();
  private static final AtomicLong COUNT = new AtomicLong();

  private LoginContexts() {}

  /** Logins by DIGEST-MD5 between processes that share a password. */
  public static Pair shared(String user, Secret password) {
    return new Pair(
        add(digest(Map.of("username", user, "password", password.reveal()))),
        add(digest(Map.of("user_" + user, password.reveal()))));
  }

  private static AppConfigurationEntry[] digest(Map<String, String> options) {
    return new AppConfigurationEntry[] {
      new AppConfigurationEntry(
          DigestLoginModule.class.getName(), LoginModuleControlFlag.REQUIRED, options)
    };
  }

  /** Returns the name that the context has from now on. */
  static String add(AppConfigurationEntry[] entries) {
    String name = "sheaf-" + COUNT.incrementAndGet();
    KNOWN.put(name, entries.clone());
    Installed.ensure();
    return name;
  }

  /** What the process asks: ours by name, then what it had before. */
  private static final class Installed extends Configuration {
    private static boolean done;
    private final @Nullable Configuration before;

    private Installed(@Nullable Configuration before) {
      this.before = before;
    }

    static synchronized void ensure() {
      if (!done) {
        Configuration.setConfiguration(new Installed(before()));
        done = true;
      }
    }

    private static @Nullable Configuration before() {
      try {
        return Configuration.getConfiguration();
      } catch (SecurityException e) {
        return null; // there is no JAAS file
      }
    }

    @Override
    public AppConfigurationEntry @Nullable [] getAppConfigurationEntry(String name) {
      AppConfigurationEntry[] ours = KNOWN.get(name);
      if (ours != null) {
        return ours.clone();
      }
      return before == null ? null : before.getAppConfigurationEntry(name);
    }
  }
}
