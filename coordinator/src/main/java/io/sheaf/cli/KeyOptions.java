package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Settings as options of a command. They stay text here: only io.sheaf.conf parses them. */
final class KeyOptions {
  /** Placeholders behind which only some values may stand. */
  private static final Set<String> ENUMERATED = Set.of("WORD", "BOOL", "N");

  private KeyOptions() {}

  /** How to reach ZooKeeper. */
  static final List<Key<?>> ZOOKEEPER = section("zookeeper");

  /** Which session, where. */
  static final List<Key<?>> SESSION = List.of(Keys.SESSION, Keys.BASE);

  /** What any daemon has. */
  static final List<Key<?>> DAEMON =
      List.of(Keys.PIDFILE, Keys.LOGFILE, Keys.LOG_MAX_BYTES, Keys.LOG_COUNT);

  /** How a member ends. */
  static final List<Key<?>> END = List.of(Keys.ON_TERM, Keys.ENDS_AT, Keys.DRAIN_RESERVE);

  /** What the creator of a session fixes. */
  static List<Key<?>> parameters() {
    return Keys.all().stream().filter(Key::session).toList();
  }

  /** All settings of a section of a config file. */
  static List<Key<?>> section(String name) {
    return Keys.all().stream().filter(k -> k.section().equals(name)).toList();
  }

  @SafeVarargs
  static List<Key<?>> join(List<Key<?>>... groups) {
    List<Key<?>> all = new ArrayList<>();
    for (List<Key<?>> group : groups) {
      all.addAll(group);
    }
    return List.copyOf(all);
  }

  static void add(CommandSpec spec, List<Key<?>> keys) {
    keys.forEach(key -> spec.addOption(option(key)));
  }

  private static OptionSpec option(Key<?> key) {
    List<String> names = new ArrayList<>();
    if (key == Keys.SESSION) {
      names.add("-N");
    } else if (key == Keys.BASE) {
      names.add("-r");
    }
    names.add(key.option());
    return OptionSpec.builder(names.toArray(String[]::new))
        .type(String.class)
        .paramLabel(key.placeholder())
        .description(escape(capital(key.doc()) + values(key) + "."))
        .build();
  }

  /** What may stand there, unless the placeholder says it: 30s, 64K and the like are obvious. */
  private static String values(Key<?> key) {
    List<String> said = new ArrayList<>();
    if (ENUMERATED.contains(key.placeholder())) {
      said.add(key.allowed());
    }
    if (key.defaultText() != null) {
      said.add("default: " + key.defaultText());
    }
    return said.isEmpty() ? "" : " (" + String.join("; ", said) + ")";
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  /** Picocli expands variables and format specifiers in descriptions. */
  private static String escape(String text) {
    return text.replace("%", "%%").replace("$", "$$");
  }
}
