package io.sheaf.it;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** A config file for zkinitree, made up by chance: ten users, nested paths, in any order. */
final class RandomTree {
  private static final int USERS = 10;
  private static final int PATHS = 25;

  /** What the format leaves alone, and other readers of INI files do not. */
  private static final List<String> PASSWORD_PARTS =
      List.of(" # ", ";", "\"", "'", "%%", "=", ":", ",", "\\", "$", "ü", "{x}", "[y]", "#");

  private final Random random;
  private final List<String> users = new ArrayList<>();

  RandomTree(long seed) {
    this.random = new Random(seed);
  }

  String text() {
    List<String> sections = new ArrayList<>(List.of("[root]\npath = /\npasswd=" + password()));
    for (int i = 0; i < USERS; i++) {
      String name = "user" + i + pick(List.of("", ".x", "@site", "-y", " z"));
      users.add(name);
      sections.add("[" + name + "]\npasswd = " + password());
    }
    for (String path : paths()) {
      sections.add(section(path));
    }
    Collections.shuffle(sections, random);
    return String.join("\n\n", sections) + "\n";
  }

  private Set<String> paths() {
    Set<String> paths = new TreeSet<>(List.of("/tree"));
    while (paths.size() < PATHS) {
      String parent = pick(new ArrayList<>(paths));
      paths.add(parent + "/" + pick(List.of("a", "b", "a-b", "c.d", "e_f")));
    }
    return paths;
  }

  private String section(String path) {
    StringBuilder text = new StringBuilder("[" + path + "]");
    Set<String> keys = new TreeSet<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      keys.add(random.nextInt(6) == 0 ? "all" : letters());
    }
    keys.forEach(
        key ->
            text.append('\n')
                .append(key)
                .append(pick(List.of("=", " = ", ": ")))
                .append(grantees()));
    if (random.nextInt(3) == 0) {
      text.append("\nvalue = some ").append(random.nextInt(100)).append("%% \"of it\" # all");
    }
    return text.toString();
  }

  private String letters() {
    List<String> letters = new ArrayList<>(List.of("r", "w", "c", "d", "a"));
    Collections.shuffle(letters, random);
    return String.join("", letters.subList(0, 1 + random.nextInt(5)));
  }

  /** None in one of six; then the key grants nothing. */
  private String grantees() {
    List<String> shuffled = new ArrayList<>(users);
    Collections.shuffle(shuffled, random);
    int count = random.nextInt(6);
    return String.join(pick(List.of(",", ", ", " , ")), shuffled.subList(0, count));
  }

  private String password() {
    StringBuilder password = new StringBuilder("p").append(random.nextInt(1_000));
    for (int i = random.nextInt(4); i > 0; i--) {
      password.append(pick(PASSWORD_PARTS)).append((char) ('a' + random.nextInt(26)));
    }
    return password.toString();
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
