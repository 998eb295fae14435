package io.sheaf.nio;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Attributes by name, as {@code posix:permissions,size}: the views {@code basic}, {@code owner},
 * {@code posix}, {@code unix} (mode, uid and gid as numbers) and {@code sheaf} (where the entry
 * is).
 */
record AttributeNames(String view, List<String> names) {
  private static final Map<String, Function<EntryAttributes, Object>> BASIC =
      Map.of(
          "size", EntryAttributes::size,
          "lastModifiedTime", EntryAttributes::lastModifiedTime,
          "lastAccessTime", EntryAttributes::lastAccessTime,
          "creationTime", EntryAttributes::creationTime,
          "isRegularFile", EntryAttributes::isRegularFile,
          "isDirectory", EntryAttributes::isDirectory,
          "isSymbolicLink", EntryAttributes::isSymbolicLink,
          "isOther", EntryAttributes::isOther);

  private static final Map<String, Map<String, Function<EntryAttributes, Object>>> MORE =
      Map.of(
          "basic", Map.of(),
          "owner", Map.of("owner", EntryAttributes::owner),
          "posix",
              Map.of(
                  "owner", EntryAttributes::owner,
                  "group", EntryAttributes::group,
                  "permissions", EntryAttributes::permissions),
          "unix",
              Map.of(
                  "mode", EntryAttributes::mode,
                  "uid", each -> each.stat().attributes().uid(),
                  "gid", each -> each.stat().attributes().gid()),
          "sheaf", Map.of("state", EntryAttributes::state));

  static AttributeNames parse(String text) {
    int colon = text.indexOf(':');
    String view = colon < 0 ? "basic" : text.substring(0, colon);
    if (!MORE.containsKey(view)) {
      throw new UnsupportedOperationException("there is no view " + view);
    }
    List<String> names = Arrays.asList(text.substring(colon + 1).split(",", -1));
    if (names.contains("")) {
      throw new IllegalArgumentException("no attribute is named in \"" + text + '"');
    }
    return new AttributeNames(view, names);
  }

  private Map<String, Function<EntryAttributes, Object>> known() {
    Map<String, Function<EntryAttributes, Object>> known = new LinkedHashMap<>();
    if (!view.equals("owner")) {
      known.putAll(BASIC);
    }
    known.putAll(MORE.getOrDefault(view, Map.of()));
    return known;
  }

  Map<String, Object> of(EntryAttributes attributes) {
    Map<String, Function<EntryAttributes, Object>> known = known();
    Map<String, Object> found = new LinkedHashMap<>();
    for (String name : names.contains("*") ? known.keySet() : names) {
      Function<EntryAttributes, Object> value = known.get(name);
      if (value == null) {
        throw new IllegalArgumentException("the view " + view + " has no attribute " + name);
      }
      found.put(name, value.apply(attributes));
    }
    return found;
  }
}
