package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a base directory may lie on. All but the first need root. */
enum Filesystem {
  /** Whatever the temporary directory is on. */
  HERE(""),
  EXT4("mkfs.ext4 -q -F"),
  XFS("mkfs.xfs -q"),
  BTRFS("mkfs.btrfs -q");

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Sparse: what is not written takes no room. */
  private static final long IMAGE_BYTES = 1L << 30;

  private final String mkfs;

  Filesystem(String mkfs) {
    this.mkfs = mkfs;
  }

  /** Ends or skips the test when this machine cannot have it. */
  void need() {
    if (!mkfs.isEmpty()) {
      Tools.needRoot();
      Tools.need(mkfs.substring(0, mkfs.indexOf(' ')), "mount", "umount");
    }
  }

  /** Makes a new one and mounts it over a directory, which is created if missing. */
  Mounted mount(Path at) throws Exception {
    Files.createDirectories(at);
    if (mkfs.isEmpty()) {
      return new Mounted(null, at);
    }
    Path image = at.resolveSibling(at.getFileName() + ".image");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(IMAGE_BYTES);
    }
    List<String> make = new ArrayList<>(List.of(mkfs.split(" ", -1)));
    make.add(image.toString());
    succeed(at.resolveSibling("."), make);
    succeed(at.resolveSibling("."), List.of("mount", "-o", "loop", "" + image, "" + at));
    return new Mounted(image, at);
  }

  /** A filesystem that is there until {@link #unmount}. */
  record Mounted(@Nullable Path image, Path at) {

    /** Copies everything to where it stays when this is unmounted, for looking at. */
    void keepCopy() throws Exception {
      if (image != null) {
        Path kept = at.resolveSibling(at.getFileName() + "-kept");
        succeed(at.resolveSibling("."), List.of("cp", "-a", "" + at, "" + kept));
      }
    }

    /** Waits until nobody uses it any more. */
    void unmount() throws Exception {
      if (image != null) {
        eventually(at + " can be unmounted", PATIENCE, () -> run(at.resolveSibling("."), umount()));
        Files.delete(image);
      }
    }

    private List<String> umount() {
      return List.of("umount", at.toString());
    }
  }

  private static void succeed(Path directory, List<String> command) throws Exception {
    try (Running tool = Running.command(directory, "mount", Map.of(), command)) {
      tool.endsWith(0, PATIENCE);
    }
  }

  private static boolean run(Path directory, List<String> command)
      throws IOException, InterruptedException {
    try (Running tool = Running.command(directory, "umount", Map.of(), command)) {
      return tool.await(PATIENCE) == 0;
    }
  }
}
