package io.sheaf.tree;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.NoSuchAlgorithmException;
import java.security.URIParameter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final String CLIENT = "Client";
  private static final Pattern LINE = Pattern.compile("[Ll]ine (\\d+)");
  private static final AtomicLong COUNT = new AtomicLong();

  private LoginContexts() {}

  /** Logins by DIGEST-MD5 between processes that share a password. */
  public static Pair shared(String user, Secret password) {
    return new Pair(
        add(digest(Map.of("username", user, "password", password.reveal()))),
        add(digest(Map.of("user_" + user, password.reveal()))));
  }

  /**
   * The name of what the section {@code Client} of a JAAS file says.
   *
   * @throws ConfException when there is no such section
   */
  static String clientOf(String jaasFile) {
    AppConfigurationEntry[] entries = read(jaasFile).getAppConfigurationEntry(CLIENT);
    if (entries == null || entries.length == 0) {
      throw new ConfException(
          jaasFile + ": no section " + CLIENT + ": see conf/examples/jaas.conf");
    }
    return add(entries);
  }

  private static Configuration read(String jaasFile) {
    try {
      return Configuration.getInstance(
          "JavaLoginConfig", new URIParameter(new URI("file", null, jaasFile, null)));
    } catch (NoSuchAlgorithmException | URISyntaxException e) {
      // The parser quotes what it did not expect, which may be a password: only the line is told.
      Matcher line = LINE.matcher(Causes.deepest(e));
      throw new ConfException(
          jaasFile
              + (line.find() ? ":" + line.group(1) : "")
              + ": this is no JAAS file: see conf/examples/jaas.conf");
    }
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
