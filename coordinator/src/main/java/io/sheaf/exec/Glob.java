package io.sheaf.exec;

import io.sheaf.conf.ConfException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A pattern for paths below a directory: {@code *}, {@code ?}, {@code [a-z]} and {@code {a,b}}
 * stand for a part of a name, {@code **} as a whole component for any number of components. Names
 * that begin with a dot are names like others.
 */
public final class Glob {
  private static final String SPECIAL = "*?[{\\";

  private final String text;
  private final Path start;
  private final List<Part> parts = new ArrayList<>();

  /**
   * A component.
   *
   * @param matcher null for any number of them
   */
  private record Part(@Nullable PathMatcher matcher) {}

  private Glob(String text, Path start) {
    this.text = text;
    this.start = start;
  }

  /**
   * Reads a pattern.
   *
   * @throws ConfException when it is none, or leads out of the directory
   */
  public static Glob parse(String text) {
    if (text.isEmpty() || text.startsWith("/")) {
      throw wrong(text, "must be relative to the working directory");
    }
    List<String> names = new ArrayList<>(List.of(text.split("/+", -1)));
    names.removeIf(name -> name.equals("."));
    if (names.isEmpty() || names.get(names.size() - 1).isEmpty()) {
      throw wrong(text, "names a directory; all files in it are " + text + "**");
    }
    if (names.contains("..")) {
      throw wrong(text, "leads out of the working directory");
    }
    int plain = 0;
    while (plain < names.size() - 1 && isPlain(names.get(plain))) {
      plain++;
    }
    Glob glob = new Glob(text, Path.of(String.join("/", names.subList(0, plain))));
    names.forEach(name -> glob.parts.add(part(text, name)));
    return glob;
  }

  private static boolean isPlain(String name) {
    return name.chars().noneMatch(c -> SPECIAL.indexOf(c) >= 0);
  }

  private static Part part(String text, String name) {
    if (name.equals("**")) {
      return new Part(null);
    }
    try {
      return new Part(FileSystems.getDefault().getPathMatcher("glob:" + name));
    } catch (PatternSyntaxException e) {
      throw wrong(text, e.getDescription() + "; a bracket or brace ends before the next /");
    }
  }

  private static ConfException wrong(String text, String why) {
    return new ConfException("the pattern \"" + text + "\" " + why);
  }

  /** The directory in which all that matches lies; empty for the working directory itself. */
  Path start() {
    return start;
  }

  /** Whether a file matches. */
  public boolean matches(Path relative) {
    return matches(relative, 0, 0, false);
  }

  /** Whether something below a directory may match. */
  public boolean mayMatchBelow(Path directory) {
    return matches(directory, 0, 0, true);
  }

  private boolean matches(Path path, int name, int part, boolean partly) {
    if (part == parts.size()) {
      return !partly && name == path.getNameCount();
    }
    if (name == path.getNameCount()) {
      return partly;
    }
    PathMatcher matcher = parts.get(part).matcher();
    if (matcher == null) {
      return part == parts.size() - 1
          || matches(path, name, part + 1, partly)
          || matches(path, name + 1, part, partly);
    }
    return matcher.matches(path.getName(name)) && matches(path, name + 1, part + 1, partly);
  }

  @Override
  public String toString() {
    return text;
  }
}
