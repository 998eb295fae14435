package io.sheaf.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Finds the key that an entry of a config file means, or says why there is none. */
final class KnownKeys {
  private KnownKeys() {}

  static void checkSections(IniFile ini) {
    List<String> known = Keys.all().stream().map(Key::section).distinct().toList();
    for (String section : ini.sections()) {
      if (!known.contains(section)) {
        throw new ConfException(
            ini.at(section)
                + ": unknown section ["
                + section
                + "]: the sections are "
                + String.join(", ", known));
      }
    }
  }

  static Key<?> require(IniFile ini, IniFile.Entry entry) {
    List<String> names = new ArrayList<>();
    for (Key<?> key : Keys.all()) {
      if (key.section().equals(entry.section())) {
        if (key.name().equals(entry.key())) {
          return key;
        }
        names.add(key.name());
      }
    }
    throw new ConfException(ini.at(entry) + ": " + hint(entry, names));
  }

  private static String hint(IniFile.Entry entry, List<String> names) {
    String unknown = "unknown key " + entry.key() + " in [" + entry.section() + "]: ";
    if (entry.key().toLowerCase(Locale.ROOT).startsWith("passw")) {
      return unknown + "give a password by password_file or password_env in [zookeeper]";
    }
    return unknown
        + Keys.named(entry.key())
            .map(key -> "it belongs in [" + key.section() + "]")
            .orElseGet(() -> "the keys are " + String.join(", ", names));
  }
}
