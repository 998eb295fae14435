package io.sheaf.adopt;

import io.sheaf.batch.ForeignZip;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.FileState;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A zip that another program has left in its inbox, as it was found. One that may be taken is open
 * and was looked at; the others are left alone.
 */
final class Arrival implements Closeable {
  private final Path zip;
  private final FileState state;
  private final long second;
  private final @Nullable Contents contents;

  private record Contents(DiskFile file, ForeignZip found) {}

  private Arrival(Path zip, FileState state, long second, @Nullable Contents contents) {
    this.zip = zip;
    this.state = state;
    this.second = second;
    this.contents = contents;
  }

  /**
   * Looks at a zip.
   *
   * @param latest seconds since the epoch: one that was begun later is its writer's
   */
  static Arrival look(Disk disk, Path zip, long latest) throws IOException {
    FileState state = disk.stat(zip).orElseThrow(() -> new NoSuchFileException(zip.toString()));
    long modified = state.modified() / 1000;
    long second = RearName.second(String.valueOf(zip.getFileName())).orElse(modified);
    boolean taken = state.isFile() && second <= latest;
    return new Arrival(zip, state, second, taken ? contents(disk.openForRead(zip)) : null);
  }

  private static Contents contents(DiskFile file) throws IOException {
    try {
      ForeignZip found = ForeignZip.look(file);
      found.prepare();
      return new Contents(file, found);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  Path zip() {
    return zip;
  }

  /** As it was before it was looked at. */
  FileState state() {
    return state;
  }

  /** When it was begun, in seconds since the epoch, which gives it its place in the order. */
  long second() {
    return second;
  }

  /** Whether its writer may be at work. */
  boolean isYoung() {
    return state.isFile() && contents == null;
  }

  DiskFile file() {
    return contents().file();
  }

  ForeignZip found() {
    return contents().found();
  }

  private Contents contents() {
    if (contents == null) {
      throw new IllegalStateException(zip + " was not looked at");
    }
    return contents;
  }

  @Override
  public void close() throws IOException {
    if (contents != null) {
      contents.file().close();
    }
  }
}
