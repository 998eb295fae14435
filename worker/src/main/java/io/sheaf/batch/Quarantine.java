package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What could not be merged: its bytes, and beside them a {@code .reason} of one line. Both are
 * durable when a method here returns, and doing it again after a crash changes nothing.
 */
public final class Quarantine {
  /** What the name of a reason ends in. */
  public static final String REASON = ".reason";

  private final Disk disk;
  private final BaseDirectory base;

  public Quarantine(Disk disk, BaseDirectory base) {
    this.disk = disk;
    this.base = base;
  }

  /** Something in quarantine. */
  public record Item(String archive, Path path, String reason) {}

  /** Takes a whole file out of the inbox. Another one of that name in quarantine stays. */
  public Item move(String archive, Path file, String reason) throws IOException {
    String name = String.valueOf(file.getFileName());
    Path target = placeFor(archive, name);
    for (int n = 2; disk.stat(target).isPresent(); n++) {
      target = target.resolveSibling(name + "." + n);
    }
    writeReason(target, reason);
    disk.rename(file, target);
    disk.syncDirectory(base.quarantine(archive));
    return new Item(archive, target, reason);
  }

  /** Keeps a copy of some bytes of a file. */
  public Item keep(
      String archive, String name, DiskFile source, long position, long length, String reason)
      throws IOException {
    Path target = placeFor(archive, name);
    writeReason(target, reason);
    Path temporary = target.resolveSibling(name + ".tmp");
    disk.delete(temporary);
    try (DiskFile out = disk.create(temporary)) {
      source.copyTo(out, 0, position, length);
      out.sync();
    }
    disk.rename(temporary, target);
    disk.syncDirectory(base.quarantine(archive));
    return new Item(archive, target, reason);
  }

  private Path placeFor(String archive, String name) throws IOException {
    Path directory = base.quarantine(archive);
    disk.createDirectories(directory);
    return directory.resolve(name);
  }

  private void writeReason(Path target, String reason) throws IOException {
    Publication.replace(
        disk,
        target.resolveSibling(target.getFileName() + REASON),
        (reason + "\n").getBytes(StandardCharsets.UTF_8));
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
      if (name.endsWith(REASON)) {
        Path kept = path.resolve(name.substring(0, name.length() - REASON.length()));
        if (disk.stat(kept).isPresent()) {
          items.add(new Item(directory, kept, reasonIn(path.resolve(name))));
        }
      } else if (disk.stat(path.resolve(name)).filter(s -> s.isDirectory()).isPresent()) {
        walk(directory.isEmpty() ? name : directory + "/" + name, items);
      }
    }
  }

  private String reasonIn(Path file) throws IOException {
    return new String(disk.readAll(file), StandardCharsets.UTF_8).strip();
  }
}
