package io.sheaf.deposit;

import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.zip.Attributes;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory out of which nothing leads. Files are opened as openat(2) does, component by
 * component from a directory that is held open, never through a link: whatever is renamed or
 * replaced on the way meanwhile, what is opened lies below. What it is, whose, and by how many
 * names it is known, is asked of the open file itself. May be used by one thread at a time.
 *
 * <p>A name that is looked at and is a regular file may be a FIFO when it is opened, and that open
 * waits for a writer: whoever may rename below can hold up the caller so. And a hard link that
 * comes and goes right between two looks at its file is not seen; only its owner can make one,
 * where protected_hardlinks is on (proc_sys_fs(5), the default of distributions).
 */
public final class Confined implements Closeable {
  /**
   * What else is opened.
   *
   * @param links whether links are followed, wherever they lead
   * @param otherOwners whether a file may be another user's
   * @param hardLinks whether a file may have other names, which may be in places not meant
   */
  public record Rules(boolean links, boolean otherOwners, boolean hardLinks) {
    /** Own files of one name. */
    public static final Rules STRICT = new Rules(false, false, false);

    /** Any regular file: for a path that the user himself has named. */
    public static final Rules ANY = new Rules(true, true, true);
  }

  /** Gets each file of a tree. */
  public interface Visitor {
    /**
     * A file, or why it cannot be had.
     *
     * @param relative to the directory
     * @return false to end
     */
    boolean file(Path relative, Opening opening) throws IOException, InterruptedException;

    /** Whether to look into a directory. */
    default boolean enters(Path relative) {
      return true;
    }

    /**
     * A directory in which nothing is.
     *
     * @param relative to the directory that is walked
     * @param modified milliseconds since the epoch
     * @return false to end
     */
    default boolean emptyDirectory(Path relative, Attributes attributes, long modified)
        throws IOException, InterruptedException {
      return true;
    }
  }

  /** Opens a file that was found. */
  public interface Opening {
    /** As {@link Confined#open}. */
    ConfinedFile open() throws IOException;
  }

  private static final Path HERE = Path.of("");

  private final Path root;
  private final Rules rules;
  private final int owner;
  private final SecureDirectoryStream<Path> top;
  private final boolean closed;

  private Confined(
      Path root, Rules rules, int owner, SecureDirectoryStream<Path> top, boolean closed) {
    this.root = root;
    this.rules = rules;
    this.owner = owner;
    this.top = top;
    this.closed = closed;
  }

  /** Holds a directory; the path to it may have links, for it is trusted. */
  public static Confined in(Path root, Rules rules) throws IOException {
    return in(root, rules, Owners.self(), false);
  }

  /**
   * As {@link #in}, for a directory in which nobody else can make, rename or replace anything: a
   * look at the name is enough there, which is much less work.
   */
  public static Confined inClosed(Path root, Rules rules) throws IOException {
    return in(root, rules, Owners.self(), true);
  }

  @SuppressWarnings("StreamResourceLeak") // closed with this
  private static Confined in(Path root, Rules rules, int owner, boolean closed) throws IOException {
    try {
      return new Confined(root, rules, owner, secure(Files.newDirectoryStream(root)), closed);
    } catch (NoSuchFileException e) {
      throw refused(root, "no such directory", e);
    } catch (NotDirectoryException e) {
      throw refused(root, "not a directory", e);
    }
  }

  private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream)
      throws IOException {
    if (stream instanceof SecureDirectoryStream<Path> secure) {
      return secure;
    }
    stream.close();
    throw new IOException("files can be opened safely on Linux only");
  }

  /** Opens a file that a user has named by its whole path: it may be a link, and anybody's. */
  public static ConfinedFile named(Path file) throws IOException {
    return named(file, Rules.ANY);
  }

  /**
   * Opens the file of another, who has named it by its whole path and may see no more by it than
   * what is his own: nothing of the path is trusted.
   *
   * @param owner whose file it must be, unless the rules allow all
   */
  static ConfinedFile of(int owner, Path file, Rules rules) throws IOException {
    Path root = Path.of("/");
    // A file in the root itself needs its directory for as long as it is open.
    if (rules.links() || root.equals(file.getParent())) {
      return named(file, rules, owner);
    }
    try (Confined all = in(root, rules, owner, false)) {
      return all.open(root.relativize(file));
    }
  }

  /** Opens one file, of whose path only the last component is not trusted. */
  public static ConfinedFile named(Path file, Rules rules) throws IOException {
    return named(file, rules, Owners.self());
  }

  private static ConfinedFile named(Path file, Rules rules, int owner) throws IOException {
    Path path = rules.links() ? real(file) : file;
    Path directory = path.toAbsolutePath().getParent();
    Path name = path.getFileName();
    if (directory == null || name == null) {
      throw refused(file, "is not a regular file", null);
    }
    Rules rest = new Rules(false, rules.otherOwners(), rules.hardLinks());
    Confined in = in(directory, rest, owner, false);
    boolean opened = false;
    try {
      ConfinedFile found = in.open(in.top, file, name, true);
      opened = true;
      return found;
    } finally {
      if (!opened) {
        in.close();
      }
    }
  }

  private static Path real(Path file) throws IOException {
    try {
      return file.toRealPath();
    } catch (NoSuchFileException e) {
      throw refused(file, "no such file", e);
    }
  }

  /**
   * Opens a regular file for reading.
   *
   * @param relative path below the directory
   * @throws DepositException REFUSED when it is none, leads out of the directory, or the rules do
   *     not allow it; CONFLICT when it was replaced while it was opened
   */
  public ConfinedFile open(Path relative) throws IOException {
    Path shown = root.resolve(relative);
    if (rules.links()) {
      return named(shown, rules);
    }
    List<Path> names = names(relative, shown);
    SecureDirectoryStream<Path> directory = top;
    boolean opened = false;
    try {
      for (Path name : names.subList(0, names.size() - 1)) {
        directory = enter(directory, name, shown);
      }
      ConfinedFile file = open(directory, shown, names.get(names.size() - 1), !isTop(directory));
      opened = true;
      return file;
    } finally {
      if (!opened && !isTop(directory)) {
        directory.close();
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // there is one
  private boolean isTop(SecureDirectoryStream<Path> directory) {
    return directory == top;
  }

  private static List<Path> names(Path relative, Path shown) throws DepositException {
    List<Path> names = new ArrayList<>();
    for (Path name : relative) {
      String text = name.toString();
      if (text.equals("..") || relative.isAbsolute()) {
        throw refused(shown, "leads out of the directory", null);
      }
      if (!text.equals(".") && !text.isEmpty()) {
        names.add(name);
      }
    }
    if (names.isEmpty()) {
      throw refused(shown, "is not a regular file", null);
    }
    return names;
  }

  /** Goes one directory down, and closes the one above. */
  private SecureDirectoryStream<Path> enter(
      SecureDirectoryStream<Path> directory, Path name, Path shown) throws IOException {
    SecureDirectoryStream<Path> below = down(directory, name, shown);
    if (!isTop(directory)) {
      directory.close();
    }
    return below;
  }

  private static SecureDirectoryStream<Path> down(
      SecureDirectoryStream<Path> directory, Path name, Path shown) throws IOException {
    // Opening anything else than a directory could wait, or do something.
    BasicFileAttributes there = look(directory, name, shown);
    if (!there.isDirectory()) {
      throw refused(
          shown,
          there.isSymbolicLink()
              ? name + " on the way to it is a symbolic link, which is not followed"
              : name + " on the way to it is not a directory",
          null);
    }
    try {
      return directory.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw failed(directory, name, shown, e);
    }
  }

  private static BasicFileAttributes look(
      SecureDirectoryStream<Path> directory, Path name, Path shown) throws IOException {
    try {
      return ConfinedFile.look(directory, name);
    } catch (NoSuchFileException e) {
      throw refused(shown, "no such file", e);
    }
  }

  /** Says whether an open failed because what was looked at is not there any more. */
  private static IOException failed(
      SecureDirectoryStream<Path> directory, Path name, Path shown, IOException e) {
    // The JDK makes a plain IOException of ELOOP, and of each other error one of these.
    if (!(e instanceof FileSystemException named) || e instanceof NoSuchFileException) {
      return replaced(shown);
    }
    String reason = named.getReason();
    boolean swapped = e instanceof NotDirectoryException || !isThere(directory, name);
    return swapped
        ? replaced(shown)
        : refused(shown, reason == null ? "permission denied" : reason, e);
  }

  private static boolean isThere(SecureDirectoryStream<Path> directory, Path name) {
    try {
      return !ConfinedFile.look(directory, name).isSymbolicLink();
    } catch (IOException gone) {
      return false;
    }
  }

  private ConfinedFile open(
      SecureDirectoryStream<Path> directory, Path shown, Path name, boolean ownsDirectory)
      throws IOException {
    BasicFileAttributes before = look(directory, name, shown);
    if (!before.isRegularFile()) {
      throw refused(shown, what(before), null);
    }
    SeekableByteChannel channel;
    try {
      channel =
          directory.newByteChannel(
              name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      throw failed(directory, name, shown, e);
    }
    boolean good = false;
    try {
      Attributes attributes = check(channel, before, shown);
      requireNamed(directory, name, before, shown);
      good = true;
      return new ConfinedFile(shown, name, directory, ownsDirectory, channel, before, attributes);
    } finally {
      if (!good) {
        channel.close();
      }
    }
  }

  private static String what(BasicFileAttributes found) {
    if (found.isSymbolicLink()) {
      return "is a symbolic link, not a regular file; links are not followed";
    }
    return found.isDirectory()
        ? "is a directory, not a regular file"
        : "is not a regular file but a FIFO, a socket or a device";
  }

  private Attributes check(SeekableByteChannel channel, BasicFileAttributes before, Path shown)
      throws IOException {
    Map<String, Object> opened;
    try {
      opened = closed ? OpenFiles.look(shown) : OpenFiles.stat(channel);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new DepositException(Kind.CONFLICT, shown + ": " + Failures.oneLine(e), e);
    }
    int mode = number(opened, "mode");
    boolean same =
        Objects.equals(opened.get("fileKey"), before.fileKey())
            && (mode & Attributes.KIND) == Attributes.REGULAR;
    if (!same) {
      throw replaced(shown);
    }
    int uid = number(opened, "uid");
    if (!rules.otherOwners() && uid != owner) {
      throw refused(shown, "belongs to another user, uid " + Integer.toUnsignedString(uid), null);
    }
    int names = number(opened, "nlink");
    if (!rules.hardLinks() && names > 1) {
      throw refused(shown, "is known by " + names + " names (hard links)", null);
    }
    Attributes attributes = Attributes.of(mode);
    return uid == Owners.self() ? attributes : attributes.withOwner(uid, number(opened, "gid"));
  }

  private static int number(Map<String, Object> stat, String name) {
    return (Integer) Objects.requireNonNull(stat.get(name));
  }

  /**
   * One name is one only while that is this name: a link that was removed since has left one too.
   */
  private void requireNamed(
      SecureDirectoryStream<Path> directory, Path name, BasicFileAttributes opened, Path shown)
      throws IOException {
    if (!rules.hardLinks()
        && !Objects.equals(look(directory, name, shown).fileKey(), opened.fileKey())) {
      throw replaced(shown);
    }
  }

  /**
   * Renames what has a name below into another directory, whatever it is: as renameat(2) does, so
   * no link on the way is followed.
   *
   * @throws NoSuchFileException when there is nothing
   */
  public void move(Path relative, Confined to, String name) throws IOException {
    Path shown = root.resolve(relative);
    List<Path> names = names(relative, shown);
    SecureDirectoryStream<Path> directory = top;
    try {
      for (Path each : names.subList(0, names.size() - 1)) {
        directory = enter(directory, each, shown);
      }
      directory.move(names.get(names.size() - 1), to.top, Path.of(name));
    } finally {
      if (!isTop(directory)) {
        directory.close();
      }
    }
  }

  /**
   * Visits what is below, sorted by name in each directory, deeper ones in their place. Links are
   * left out; a directory is empty when not even links are in it.
   */
  public void walk(Visitor visitor) throws IOException, InterruptedException {
    boolean unused = walkAll(top, Path.of(""), visitor);
  }

  /**
   * As {@link #walk(Visitor)}, only what is below a directory; nothing where there is none.
   *
   * @param start relative to this directory; none of its components may be a link
   */
  public void walk(Path start, Visitor visitor) throws IOException, InterruptedException {
    Path shown = root.resolve(start);
    SecureDirectoryStream<Path> directory = top;
    try {
      for (Path name : start.equals(HERE) ? List.<Path>of() : names(start, shown)) {
        if (!isDirectory(directory, name)) {
          return;
        }
        directory = enter(directory, name, shown);
      }
      boolean unused = walkAll(directory, start, visitor);
    } finally {
      if (!isTop(directory)) {
        directory.close();
      }
    }
  }

  private static boolean isDirectory(SecureDirectoryStream<Path> directory, Path name)
      throws IOException {
    try {
      return ConfinedFile.look(directory, name).isDirectory();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private boolean walkAll(SecureDirectoryStream<Path> directory, Path relative, Visitor visitor)
      throws IOException, InterruptedException {
    List<Path> names = sorted(directory);
    return names.isEmpty()
        ? visitEmpty(directory, relative, visitor)
        : walk(directory, names, relative, visitor);
  }

  private boolean walk(
      SecureDirectoryStream<Path> directory, List<Path> names, Path prefix, Visitor visitor)
      throws IOException, InterruptedException {
    for (Path name : names) {
      Path relative = prefix.resolve(name);
      if (!visit(directory, name, relative, visitor)) {
        return false;
      }
    }
    return true;
  }

  private static List<Path> sorted(SecureDirectoryStream<Path> directory) {
    List<Path> names = new ArrayList<>();
    for (Path entry : directory) {
      names.add(Objects.requireNonNull(entry.getFileName()));
    }
    names.sort(null);
    return names;
  }

  private boolean visit(
      SecureDirectoryStream<Path> directory, Path name, Path relative, Visitor visitor)
      throws IOException, InterruptedException {
    Path shown = root.resolve(relative);
    BasicFileAttributes found;
    try {
      found = look(directory, name, shown);
    } catch (IOException e) {
      return visitor.file(relative, () -> rethrow(e)); // Gone since it was listed.
    }
    if (found.isSymbolicLink()) {
      return true;
    }
    if (!found.isDirectory()) {
      return visitor.file(relative, () -> open(directory, shown, name, false));
    }
    if (!visitor.enters(relative)) {
      return true;
    }
    SecureDirectoryStream<Path> below;
    try {
      below = down(directory, name, shown);
    } catch (IOException e) {
      return visitor.file(relative, () -> rethrow(e));
    }
    try (below) {
      return walkAll(below, relative, visitor);
    }
  }

  private static boolean visitEmpty(
      SecureDirectoryStream<Path> directory, Path relative, Visitor visitor)
      throws IOException, InterruptedException {
    PosixFileAttributes found =
        directory.getFileAttributeView(PosixFileAttributeView.class).readAttributes();
    int mode = Attributes.DIRECTORY;
    int bit = 0400;
    for (PosixFilePermission each : PosixFilePermission.values()) { // in the order of the bits
      mode |= found.permissions().contains(each) ? bit : 0;
      bit >>= 1;
    }
    return visitor.emptyDirectory(
        relative, Attributes.of(mode), found.lastModifiedTime().toMillis());
  }

  private static ConfinedFile rethrow(IOException e) throws IOException {
    throw e;
  }

  private static DepositException refused(Path shown, String why, @Nullable Exception cause) {
    return new DepositException(Kind.REFUSED, shown + ": " + why, cause);
  }

  private static DepositException replaced(Path shown) {
    return new DepositException(
        Kind.CONFLICT, shown + ": was replaced while it was opened; try again when it is at rest");
  }

  /** Files that were opened stay open, except that they can be looked at no more. */
  @Override
  public void close() throws IOException {
    top.close();
  }
}
