package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** What the verbs of {@code sheaf session} share: the session may be named without an option. */
abstract class SessionVerb extends SheafCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "The session; the same as --session.")
  private @Nullable String name;

  SessionVerb(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(KeyOptions.SESSION, KeyOptions.ZOOKEEPER);
  }

  @Override
  Settings settings() {
    if (name == null) {
      return super.settings();
    }
    String other = given().get(Keys.SESSION.name());
    if (other != null && !other.equals(name)) {
      throw new UsageException("two sessions named: " + name + " and " + other);
    }
    return settings(Map.of(Keys.SESSION.name(), name));
  }
}
