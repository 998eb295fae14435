package io.sheaf.nio;

import io.sheaf.deposit.EntryStat;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A path: names with slashes between them. The empty path is relative, with one empty name. */
final class SheafPath implements Path {
  /** For so long a directory stream's word for what its path is may be taken. */
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

  private record Listed(EntryStat stat, long nanos) {}

  private final SheafFileSystem fs;
  private final boolean absolute;
  private final List<String> names;
  private final AtomicReference<@Nullable Listed> listed = new AtomicReference<>();

  SheafPath(SheafFileSystem fs, boolean absolute, List<String> names) {
    this.fs = fs;
    this.absolute = absolute;
    this.names = absolute || !names.isEmpty() ? names : List.of("");
  }

  static SheafPath parse(SheafFileSystem fs, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new InvalidPathException(text.replace('\0', '?'), "a name has a NUL in it");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new InvalidPathException(text, "a name has half a character, which is not UTF-8");
    }
    List<String> names = new ArrayList<>();
    for (String name : text.split("/", -1)) {
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return new SheafPath(fs, text.startsWith("/"), List.copyOf(names));
  }

  /**
   * A path of this provider.
   *
   * @throws ProviderMismatchException for any other
   */
  static SheafPath of(Path path) {
    if (path instanceof SheafPath own) {
      return own;
    }
    throw new ProviderMismatchException(
        path + " is a path of " + path.getFileSystem().provider().getScheme() + ", not of sheaf");
  }

  SheafFileSystem fs() {
    return fs;
  }

  /** Of a path that a directory stream gives: what the listing said, to be taken once. */
  void listed(EntryStat stat) {
    listed.set(new Listed(stat, System.nanoTime()));
  }

  /** What a listing said just now, once: walking a tree need not ask for each of its entries. */
  @Nullable EntryStat takeListed() {
    Listed found = listed.getAndSet(null);
    boolean fresh = found != null && System.nanoTime() - found.nanos() < FRESH_NANOS;
    return found != null && fresh ? found.stat() : null;
  }

  private SheafPath with(boolean rooted, List<String> other) {
    return new SheafPath(fs, rooted, List.copyOf(other));
  }

  private boolean isEmpty() {
    return !absolute && names.get(0).isEmpty();
  }

  @Override
  public FileSystem getFileSystem() {
    return fs;
  }

  @Override
  public boolean isAbsolute() {
    return absolute;
  }

  @Override
  public @Nullable Path getRoot() {
    return absolute ? fs.root() : null;
  }

  @Override
  public @Nullable Path getFileName() {
    return names.isEmpty() ? null : getName(names.size() - 1);
  }

  @Override
  public @Nullable Path getParent() {
    int last = names.size() - 1;
    if (last < 0 || (last == 0 && !absolute)) {
      return null;
    }
    return with(absolute, names.subList(0, last));
  }

  @Override
  public int getNameCount() {
    return names.size();
  }

  @Override
  public Path getName(int index) {
    return subpath(index, index + 1);
  }

  @Override
  public Path subpath(int from, int to) {
    if (from < 0 || to > names.size() || from >= to) {
      throw new IllegalArgumentException("names " + from + " to " + to + " of " + this);
    }
    return with(false, names.subList(from, to));
  }

  @Override
  public boolean startsWith(Path other) {
    return other instanceof SheafPath that
        && that.fs.equals(fs)
        && that.absolute == absolute
        && that.names.size() <= names.size()
        && that.names.equals(names.subList(0, that.names.size()));
  }

  @Override
  public boolean endsWith(Path other) {
    if (!(other instanceof SheafPath that) || !that.fs.equals(fs)) {
      return false;
    }
    int rest = names.size() - that.names.size();
    boolean fits = that.absolute ? absolute && rest == 0 : rest >= 0;
    return fits && that.names.equals(names.subList(rest, names.size()));
  }

  @Override
  public Path normalize() {
    List<String> kept = new ArrayList<>();
    for (String name : names) {
      boolean hasParent = !kept.isEmpty() && !kept.get(kept.size() - 1).equals("..");
      if (name.equals("..") && hasParent) {
        kept.remove(kept.size() - 1);
      } else if (!name.equals(".") && !(name.equals("..") && absolute)) {
        kept.add(name);
      }
    }
    return with(absolute, kept);
  }

  @Override
  public Path resolve(Path other) {
    SheafPath that = of(other);
    if (that.absolute || isEmpty()) {
      return that;
    }
    if (that.isEmpty()) {
      return this;
    }
    List<String> all = new ArrayList<>(names);
    all.addAll(that.names);
    return with(absolute, all);
  }

  SheafPath child(String name) {
    List<String> all = new ArrayList<>(isEmpty() ? List.of() : names);
    all.add(name);
    return with(absolute, all);
  }

  @Override
  public Path relativize(Path other) {
    SheafPath that = of(other);
    if (that.absolute != absolute) {
      throw new IllegalArgumentException("only one of " + this + " and " + other + " is absolute");
    }
    if (isEmpty()) {
      return that;
    }
    List<String> from = ((SheafPath) normalize()).plainNames();
    List<String> to = ((SheafPath) that.normalize()).plainNames();
    int same = 0;
    while (same < Math.min(from.size(), to.size()) && from.get(same).equals(to.get(same))) {
      same++;
    }
    if (from.subList(same, from.size()).contains("..")) {
      throw new IllegalArgumentException("there is no way from " + this + " to " + other);
    }
    List<String> way = new ArrayList<>(Collections.nCopies(from.size() - same, ".."));
    way.addAll(to.subList(same, to.size()));
    return with(false, way);
  }

  private List<String> plainNames() {
    return isEmpty() ? List.of() : names;
  }

  @Override
  public URI toUri() {
    return SheafUri.of(toAbsolutePath().toString(), fs.mounting().socket());
  }

  /** Relative paths begin at the root. */
  @Override
  public Path toAbsolutePath() {
    return absolute ? this : with(true, plainNames());
  }

  /** Without {@code .} and {@code ..}; a link that it ends in is followed, unless told not to. */
  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    boolean follow = !List.of(options).contains(LinkOption.NOFOLLOW_LINKS);
    return fs.entries().real(this, follow);
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException("archives are not watched");
  }

  /** By their names as text. */
  @Override
  public int compareTo(Path other) {
    return toString().compareTo(((SheafPath) other).toString());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SheafPath that
        && that.fs.equals(fs)
        && that.absolute == absolute
        && that.names.equals(names);
  }

  @Override
  public int hashCode() {
    return 31 * names.hashCode() + Boolean.hashCode(absolute);
  }

  @Override
  public String toString() {
    return (absolute ? "/" : "") + String.join("/", names);
  }
}
