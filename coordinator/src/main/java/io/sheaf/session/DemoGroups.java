package io.sheaf.session;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Deals files out to a few archives by the first letter of their path, about evenly. */
final class DemoGroups {
  private static final char OTHER = '0';

  private final Map<Character, String> archives = new HashMap<>();

  /**
   * @param most archives at most; fewer when there are fewer letters
   */
  DemoGroups(List<DemoTree.Item> files, int most) {
    SortedMap<Character, Long> counts = new TreeMap<>();
    files.forEach(f -> counts.merge(letter(f.path()), 1L, Long::sum));
    long left = files.size();
    int groups = most;
    StringBuilder group = new StringBuilder();
    long inGroup = 0;
    for (Map.Entry<Character, Long> e : counts.entrySet()) {
      long share = left / Math.max(1, groups);
      // A letter that would overfill the group by more than it now lacks begins the next one.
      if (inGroup > 0 && groups > 1 && inGroup + e.getValue() / 2 > share) {
        name(group);
        group.setLength(0);
        left -= inGroup;
        inGroup = 0;
        groups--;
      }
      group.append(e.getKey());
      inGroup += e.getValue();
    }
    name(group);
  }

  private void name(StringBuilder letters) {
    if (letters.length() == 0) {
      return;
    }
    char first = letters.charAt(0);
    char last = letters.charAt(letters.length() - 1);
    String archive = (first == last ? "" + first : first + "-" + last) + ".zip";
    for (int i = 0; i < letters.length(); i++) {
      archives.put(letters.charAt(i), archive);
    }
  }

  private static char letter(String path) {
    char c = Character.toLowerCase(path.charAt(0));
    return c >= 'a' && c <= 'z' ? c : OTHER;
  }

  /** The archive that a file goes into. */
  String archive(String path) {
    return archives.getOrDefault(letter(path), OTHER + ".zip");
  }
}
