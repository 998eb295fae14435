package io.sheaf.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether copies share blocks (reflinks): that takes a filesystem that can, and a JDK whose copies
 * ask for it. {@code FileChannel.transferTo} uses copy_file_range in newer JDKs, which shares
 * blocks on Btrfs and XFS; that of 17 uses sendfile, which never does.
 */
final class BlockSharing {
  private static final Set<String> FILESYSTEMS = Set.of("btrfs", "xfs", "bcachefs");

  /** The first long-term release whose copies were measured to share blocks. */
  private static final int FIRST_JDK = 21;

  private final Map<FileStore, Boolean> known = new ConcurrentHashMap<>();

  boolean isOn(Path directory) throws IOException {
    FileStore store = Files.getFileStore(directory);
    return Runtime.version().feature() >= FIRST_JDK
        && known.computeIfAbsent(store, s -> FILESYSTEMS.contains(s.type()) && works(directory));
  }

  /** XFS can be made without reflinks: cp tells whether they work. */
  private static boolean works(Path directory) {
    try {
      Path from = Files.createTempFile(directory, ".sheaf-reflink", ".tmp");
      Path to = from.resolveSibling(from.getFileName() + ".copy");
      try {
        Files.write(from, new byte[1 << 16]);
        Process cp =
            new ProcessBuilder("cp", "--reflink=always", from.toString(), to.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return cp.waitFor() == 0;
      } finally {
        Files.deleteIfExists(to);
        Files.deleteIfExists(from);
      }
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
