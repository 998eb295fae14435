package io.sheaf.session;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory tree as it was found.
 *
 * @param files that can be read, by path
 * @param symlinks that were left out
 * @param unreadable files and directories that were left out
 * @param special files that are neither regular nor links, and names that no archive may hold
 */
public record DemoTree(
    Path root, List<Item> files, long bytes, long symlinks, long unreadable, long special) {

  /**
   * A file.
   *
   * @param path relative to the root, with slashes
   */
  public record Item(String path, long size) {}

  /**
   * Walks a tree.
   *
   * @param exclude a directory that is left out: what is written while the tree is read
   */
  static DemoTree scan(Path root, Path exclude) throws IOException {
    Walk walk = new Walk(root, exclude.toAbsolutePath().normalize());
    Files.walkFileTree(root, walk);
    walk.files.sort((a, b) -> a.path().compareTo(b.path()));
    return new DemoTree(
        root, List.copyOf(walk.files), walk.bytes, walk.symlinks, walk.unreadable, walk.special);
  }

  private static final class Walk extends SimpleFileVisitor<Path> {
    private final Path root;
    private final Path exclude;
    private final List<Item> files = new ArrayList<>();
    private long bytes;
    private long symlinks;
    private long unreadable;
    private long special;

    Walk(Path root, Path exclude) {
      this.root = root;
      this.exclude = exclude;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      boolean left = directory.toAbsolutePath().normalize().equals(exclude);
      return left ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isSymbolicLink()) {
        symlinks++;
      } else if (!attributes.isRegularFile() || !isName(root.relativize(file).toString())) {
        special++;
      } else if (!Files.isReadable(file)) {
        unreadable++;
      } else {
        files.add(new Item(root.relativize(file).toString(), attributes.size()));
        bytes += attributes.size();
      }
      return FileVisitResult.CONTINUE;
    }

    private static boolean isName(String path) {
      try {
        Target.checkEntry(path);
        return true;
      } catch (BadTargetException e) {
        return false;
      }
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      unreadable++;
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
      return FileVisitResult.CONTINUE;
    }
  }
}
