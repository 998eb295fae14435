package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.FileState;
import io.sheaf.disk.InDirectory;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What could not be merged: its bytes, and beside them a {@code .reason} of one line. Both are
 * durable when a method here returns, and doing it again changes nothing.
 */
public final class Quarantine {
  /** What the name of a reason ends in. */
  public static final String REASON = ".reason";

  private static final int PIECE = 64 << 10;

  private final Disk disk;
  private final BaseDirectory base;

  public Quarantine(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  /** Something in quarantine. */
  public record Item(String archive, Path path, String reason) {}

  /** Takes a whole file out of the inbox. */
  public Item move(String archive, Path file, String reason) throws IOException {
    Path first = placeFor(archive, String.valueOf(file.getFileName()));
    Path target = first;
    String moved = disk.stat(file).map(FileState::key).orElse("");
    for (int n = 2; disk.stat(target).isPresent(); n++) {
      // A rename between directories, after which a crash left both names. Another file of the
      // name is another one: what was moved before is gone from the inbox.
      if (disk.stat(target).map(FileState::key).filter(moved::equals).isPresent()) {
        writeReason(target, reason);
        disk.delete(file);
        return new Item(archive, target, reason);
      }
      target = numbered(first, n);
    }
    writeReason(target, reason);
    disk.rename(file, target);
    disk.syncDirectory(base.quarantine(archive));
    return new Item(archive, target, reason);
  }

  /**
   * Keeps a whole file of the inbox that stays there too: it gets a second name. So what is still
   * written to it, or is seen late, is here.
   */
  public Item link(String archive, String name, Path file, String reason) throws IOException {
    Path first = placeFor(archive, name);
    String key = disk.stat(file).map(FileState::key).orElse("");
    Path target = first;
    for (int n = 2; disk.stat(target).isPresent(); n++) {
      if (disk.stat(target).map(FileState::key).filter(key::equals).isPresent()) {
        writeReason(target, reason);
        disk.syncDirectory(base.quarantine(archive));
        return new Item(archive, target, reason);
      }
      target = numbered(first, n);
    }
    writeReason(target, reason);
    disk.link(file, target);
    disk.syncDirectory(base.quarantine(archive));
    return new Item(archive, target, reason);
  }

  /** Keeps a copy of some bytes of a file. */
  public Item keep(
      String archive, String name, DiskFile source, long position, long length, String reason)
      throws IOException {
    Path first = placeFor(archive, name);
    Path target = first;
    for (int n = 2; disk.stat(target).isPresent(); n++) {
      if (same(target, source, position, length)) {
        writeReason(target, reason);
        return new Item(archive, target, reason);
      }
      target = numbered(first, n);
    }
    writeReason(target, reason);
    copy(target, source, position, length);
    disk.syncDirectory(base.quarantine(archive));
    return new Item(archive, target, reason);
  }

  /** Whether a file of the inbox was moved here. */
  public boolean holds(String archive, String file) throws IOException {
    return disk.stat(base.quarantine(archive).resolve(file)).isPresent();
  }

  private static Path numbered(Path first, int n) {
    return first.resolveSibling(first.getFileName() + "~" + n);
  }

  private void copy(Path target, DiskFile source, long position, long length) throws IOException {
    Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
    disk.delete(temporary);
    try (DiskFile out = disk.create(temporary)) {
      source.copyTo(out, 0, position, length);
      out.sync();
    }
    disk.rename(temporary, target);
  }

  private boolean same(Path kept, DiskFile source, long position, long length) throws IOException {
    try (DiskFile file = disk.openForRead(kept)) {
      boolean same = file.size() == length;
      ByteBuffer a = ByteBuffer.allocate(PIECE);
      ByteBuffer b = ByteBuffer.allocate(PIECE);
      for (long done = 0; same && done < length; done += PIECE) {
        int n = (int) Math.min(PIECE, length - done);
        file.readFully(a.clear().limit(n), done);
        source.readFully(b.clear().limit(n), position + done);
        same = a.flip().equals(b.flip());
      }
      return same;
    }
  }

  private Path placeFor(String archive, String name) throws IOException {
    Path directory = base.quarantine(archive);
    disk.createDirectories(directory);
    return directory.resolve(name);
  }

  private void writeReason(Path target, String reason) throws IOException {
    Path file = target.resolveSibling(target.getFileName() + REASON);
    byte[] line = (reason + "\n").getBytes(StandardCharsets.UTF_8);
    InDirectory.change(
        disk, InDirectory.of(file), () -> Publication.replaceLocked(disk, file, line));
  }

  /** Everything in quarantine. */
  public List<Item> items() throws IOException {
    List<Item> items = new ArrayList<>();
    walk("", items);
    return items;
  }

  private void walk(String directory, List<Item> items) throws IOException {
    Path path = base.quarantines().resolve(directory);
    for (String name : disk.list(path)) {
      if (disk.stat(path.resolve(name)).filter(s -> s.isDirectory()).isPresent()) {
        walk(directory.isEmpty() ? name : directory + "/" + name, items);
      } else if (name.endsWith(REASON)) {
        Path kept = path.resolve(name.substring(0, name.length() - REASON.length()));
        if (disk.stat(kept).isPresent()) {
          items.add(new Item(directory, kept, reasonIn(path.resolve(name))));
        }
      }
    }
  }

  private String reasonIn(Path file) throws IOException {
    return new String(disk.readAll(file), StandardCharsets.UTF_8).strip();
  }
}
