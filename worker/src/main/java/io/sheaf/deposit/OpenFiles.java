package io.sheaf.deposit;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/**
 * What a channel is really open on: fstat(2), which Java does not have. A look at the path tells of
 * the file that it names at that moment, and whoever may rename there can show one and have another
 * opened. The channel's descriptor is found by a position that no other has, and asked through
 * {@code /proc/self/fd}.
 */
final class OpenFiles {
  private static final Path INFO = Path.of("/proc/self/fdinfo");
  private static final Path FILES = Path.of("/proc/self/fd");
  private static final String WANTED = "unix:mode,uid,gid,nlink,size,fileKey,lastModifiedTime";
  private static final Random RANDOM = new Random(Entropy.bits());

  /** The kernel gives the lowest free number, so it is mostly the same as the last time. */
  private static volatile String last = "0";

  private OpenFiles() {}

  /**
   * As {@code stat} has it: mode, uid, gid, nlink, size, fileKey and lastModifiedTime. The position
   * is 0 then.
   */
  static Map<String, Object> stat(SeekableByteChannel channel) throws IOException {
    long mark = 1L + RANDOM.nextInt(Integer.MAX_VALUE);
    channel.position(mark);
    String descriptor = descriptor("pos:\t" + mark);
    channel.position(0);
    last = descriptor;
    return Files.readAttributes(FILES.resolve(descriptor), WANTED);
  }

  /** The same of what a name means now; of a link itself. */
  static Map<String, Object> look(Path path) throws IOException {
    return Files.readAttributes(path, WANTED, LinkOption.NOFOLLOW_LINKS);
  }

  private static String descriptor(String position) throws IOException {
    String guess = last;
    if (isAt(guess, position)) {
      return guess;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(INFO)) {
      for (Path each : all) {
        String name = String.valueOf(each.getFileName());
        if (isAt(name, position)) {
          return name;
        }
      }
    }
    throw new IOException("an open file is not in " + INFO + ": is /proc mounted?");
  }

  private static boolean isAt(String descriptor, String position) {
    try {
      return Files.readString(INFO.resolve(descriptor)).startsWith(position + "\n");
    } catch (IOException e) {
      return false; // Closed since it was listed, or while it was read: it is not the one.
    }
  }
}
