package io.sheaf.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that knows what is synced, and so what a power failure may leave.
 *
 * <p>Files reach it sector by sector and size by size ({@link Inode.File}), names change by change
 * ({@link NameChange}), both in any order until they are synced. A rename within a directory is
 * atomic. Of one between directories the new name may be there without the old one gone; never is
 * the old one gone without the new one there. A sync of a file says nothing of its name. A
 * directory whose own name is lost takes all that is in it.
 *
 * <p>A snapshot shares everything with its origin, and costs about as much as the table of inodes
 * is long.
 */
public final class SimulatedDisk implements Disk {
  private static final int ROOT = 1;

  private final Map<Integer, Inode> inodes;
  private final Map<Integer, HeldLock> locks = new HashMap<>();
  private List<NameChange> pending;
  private int nextInode;
  private int operations;
  private Observer observer = (operation, what) -> {};

  /** An empty disk. */
  public SimulatedDisk() {
    inodes = new HashMap<>(Map.of(ROOT, Inode.Directory.EMPTY));
    pending = List.of();
    nextInode = ROOT + 1;
  }

  private SimulatedDisk(SimulatedDisk origin) {
    inodes = new HashMap<>(origin.inodes);
    pending = origin.pending;
    nextInode = origin.nextInode;
    operations = origin.operations;
  }

  /** Told of each operation that changed something, or made something durable, once it is done. */
  public interface Observer {
    void after(int operation, String what);
  }

  public synchronized void observe(Observer newObserver) {
    observer = newObserver;
  }

  /** How many operations changed something or made something durable. */
  public synchronized int operations() {
    return operations;
  }

  /**
   * The disk as it is after a crash; nobody holds a lock. After a power failure all that is left is
   * durable. After the death of a process nothing is lost, and nothing is durable that was not.
   */
  public synchronized SimulatedDisk crash(Crash crash) {
    SimulatedDisk left = new SimulatedDisk(this);
    if (crash == Crash.OF_PROCESS) {
      return left;
    }
    left.makeDurable(crash::keeps);
    left.pending = List.of();
    Map<Integer, Inode> before = new HashMap<>(left.inodes);
    left.inodes.clear();
    new Platter(left.inodes, before, crash).copy(ROOT);
    return left;
  }

  /** The disk as it is now, to crash it later. */
  public SimulatedDisk snapshot() {
    return crash(Crash.OF_PROCESS);
  }

  /** The operations that are not durable, wholly or in part. */
  public synchronized SortedSet<Integer> unsynced() {
    SortedSet<Integer> unsynced = new TreeSet<>();
    pending.forEach(change -> unsynced.add(change.operation()));
    for (Inode inode : inodes.values()) {
      if (inode instanceof Inode.File file) {
        file.unsynced().forEach(change -> unsynced.add(change.operation()));
      }
    }
    return unsynced;
  }

  /** Makes everything durable. */
  public synchronized void syncAll() {
    makeDurable(change -> true);
    inodes.replaceAll((id, inode) -> inode instanceof Inode.File file ? file.synced() : inode);
  }

  /** Equal for disks on which the same is to be seen; what is not synced does not matter. */
  public synchronized long fingerprint() {
    return fingerprint(ROOT);
  }

  private long fingerprint(int id) {
    if (inodes.get(id) instanceof Inode.File file) {
      return file.now().fingerprint();
    }
    long h = 7;
    for (Map.Entry<String, Integer> name : directory(id).now().entrySet()) {
      h = h * 0x9E3779B97F4A7C15L + name.getKey().hashCode();
      h = (h ^ h >>> 31) * 0xBF58476D1CE4E5B9L + fingerprint(name.getValue());
    }
    return h;
  }

  /** Says that an operation is done. */
  private void done(String what) {
    operations++;
    observer.after(operations, what);
  }

  // Lookup

  private Inode.Directory directory(int id) {
    if (inodes.get(id) instanceof Inode.Directory directory) {
      return directory;
    }
    throw new IllegalStateException("inode " + id + " is no directory");
  }

  private Inode.File file(int id) {
    if (inodes.get(id) instanceof Inode.File file) {
      return file;
    }
    throw new IllegalStateException("inode " + id + " is no file");
  }

  /** The inode of a path; {@link NameChange#ABSENT} when there is none. */
  private int find(Path path) throws IOException {
    int id = ROOT;
    for (Path component : path) {
      String name = component.toString();
      if (name.equals(".") || name.isEmpty()) {
        continue;
      }
      if (!(inodes.get(id) instanceof Inode.Directory directory)) {
        throw new NotDirectoryException(path.toString());
      }
      id = directory.now().getOrDefault(name, NameChange.ABSENT);
      if (id == NameChange.ABSENT) {
        return id;
      }
    }
    return id;
  }

  private int findFile(Path path) throws IOException {
    int id = find(path);
    if (id == NameChange.ABSENT) {
      throw new NoSuchFileException(path.toString());
    }
    if (inodes.get(id) instanceof Inode.Directory) {
      throw new FileSystemException(path.toString(), null, "Is a directory");
    }
    return id;
  }

  private int findDirectory(Path path) throws IOException {
    int id = find(path);
    if (id == NameChange.ABSENT) {
      throw new NoSuchFileException(path.toString());
    }
    if (inodes.get(id) instanceof Inode.File) {
      throw new NotDirectoryException(path.toString());
    }
    return id;
  }

  private NameChange.Name name(Path path, int inode) throws IOException {
    Path parent = path.getParent();
    if (parent == null) {
      throw new FileSystemException(path.toString(), null, "Is the root");
    }
    return new NameChange.Name(findDirectory(parent), String.valueOf(path.getFileName()), inode);
  }

  // Names

  @Override
  public synchronized DiskFile create(Path file) throws IOException {
    int inode = create(file, Inode.File.EMPTY).names().get(0).inode();
    done("create " + file);
    return new SimulatedFile(this, file, inode);
  }

  private NameChange create(Path path, Inode inode) throws IOException {
    if (find(path) != NameChange.ABSENT) {
      throw new FileAlreadyExistsException(path.toString());
    }
    NameChange.Name name = name(path, nextInode++);
    inodes.put(name.inode(), inode);
    return change(List.of(name), List.of());
  }

  private NameChange change(List<NameChange.Name> names, List<NameChange> alsoNeeds) {
    List<NameChange> needs = new ArrayList<>(alsoNeeds);
    for (NameChange earlier : pending) {
      if (names.stream().anyMatch(earlier::touches)) {
        needs.add(earlier);
      }
    }
    NameChange change = new NameChange(operations + 1, names, needs);
    List<NameChange> changes = new ArrayList<>(pending);
    changes.add(change);
    pending = changes;
    for (NameChange.Name name : names) {
      Inode.Directory changed = directory(name.directory()).with(name.name(), name.inode());
      inodes.put(name.directory(), changed);
    }
    return change;
  }

  @Override
  public synchronized DiskFile openForWrite(Path file) throws IOException {
    return new SimulatedFile(this, file, findFile(file));
  }

  @Override
  public synchronized DiskFile openForRead(Path file) throws IOException {
    return new SimulatedFile(this, file, findFile(file));
  }

  @Override
  public synchronized Optional<FileState> stat(Path path) throws IOException {
    int id = find(path);
    if (id == NameChange.ABSENT) {
      return Optional.empty();
    }
    return Optional.of(
        inodes.get(id) instanceof Inode.File file
            ? new FileState(true, false, file.now().size(), file.modified(), "inode " + id)
            : new FileState(false, true, 0, 0, "inode " + id));
  }

  @Override
  public synchronized List<String> list(Path path) throws IOException {
    try {
      return inodes.get(find(path)) instanceof Inode.Directory directory
          ? new ArrayList<>(directory.now().keySet())
          : List.of();
    } catch (NotDirectoryException e) {
      return List.of();
    }
  }

  /**
   * Each new name is made and made durable in one operation: that a process dies in between and
   * what others then put into the directory is lost with it happens on no filesystem that keeps its
   * metadata in order.
   */
  @Override
  public void createDirectories(Path directory) throws IOException {
    createDirectories(directory, true);
  }

  /** As {@link #createDirectories(Path)}, maybe without the promise. */
  synchronized void createDirectories(Path directory, boolean durable) throws IOException {
    Path parent = directory.getParent();
    if (parent == null || inodes.get(find(directory)) instanceof Inode.Directory) {
      return;
    }
    createDirectories(parent, durable);
    NameChange made = create(directory, Inode.Directory.EMPTY);
    if (durable) {
      NameChange.Name name = made.names().get(0);
      makeDurable(change -> change.touches(name));
    }
    done("mkdir " + directory);
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    int moved = findFile(from);
    int replaced = find(to);
    if (moved == replaced) {
      return; // Two names of one file: POSIX leaves both.
    }
    if (inodes.get(replaced) instanceof Inode.Directory) {
      throw new FileSystemException(from.toString(), to.toString(), "Is a directory");
    }
    NameChange.Name gone = name(from, NameChange.ABSENT);
    NameChange.Name given = name(to, moved);
    if (gone.directory() == given.directory()) {
      change(List.of(gone, given), List.of());
    } else {
      NameChange there = change(List.of(given), List.of());
      change(List.of(gone), List.of(there));
    }
    done("rename " + from + " to " + to);
  }

  @Override
  public synchronized void link(Path existing, Path name) throws IOException {
    int linked = findFile(existing);
    if (find(name) != NameChange.ABSENT) {
      throw new FileAlreadyExistsException(name.toString());
    }
    change(List.of(name(name, linked)), List.of());
    done("link " + existing + " as " + name);
  }

  @Override
  public synchronized boolean delete(Path file) throws IOException {
    if (find(file) == NameChange.ABSENT) {
      return false;
    }
    findFile(file);
    change(List.of(name(file, NameChange.ABSENT)), List.of());
    done("delete " + file);
    return true;
  }

  @Override
  public synchronized boolean deleteEmptyDirectory(Path path) throws IOException {
    int id = find(path);
    if (!(inodes.get(id) instanceof Inode.Directory directory) || !directory.now().isEmpty()) {
      return false;
    }
    List<NameChange> emptying = pending.stream().filter(c -> c.touches(id)).toList();
    change(List.of(name(path, NameChange.ABSENT)), emptying);
    done("rmdir " + path);
    return true;
  }

  @Override
  public synchronized void syncDirectory(Path path) throws IOException {
    int id = findDirectory(path);
    if (pending.stream().noneMatch(change -> change.touches(id))) {
      return;
    }
    makeDurable(change -> change.touches(id));
    done("sync directory " + path);
  }

  private void makeDurable(Predicate<NameChange> wanted) {
    Set<NameChange> synced = NameChange.closure(pending, wanted);
    List<NameChange> left = new ArrayList<>();
    for (NameChange change : pending) {
      if (synced.contains(change)) {
        for (NameChange.Name name : change.names()) {
          Inode.Directory directory = directory(name.directory());
          inodes.put(name.directory(), directory.withDurable(name.name(), name.inode()));
        }
      } else {
        left.add(change);
      }
    }
    pending = left;
  }

  // Contents

  synchronized long size(int inode) {
    return file(inode).now().size();
  }

  synchronized int read(int inode, ByteBuffer target, long position) {
    return file(inode).now().read(target, position);
  }

  synchronized void write(SimulatedFile to, ByteBuffer source, long position) {
    if (!source.hasRemaining()) {
      return;
    }
    String what = "write " + source.remaining() + " bytes at " + position + " of " + to.path();
    inodes.put(to.inode(), file(to.inode()).write(operations + 1, source, position));
    done(what);
  }

  synchronized void truncate(SimulatedFile to, long size) {
    if (size < file(to.inode()).now().size()) {
      inodes.put(to.inode(), file(to.inode()).cut(operations + 1, size));
      done("truncate " + to.path() + " to " + size);
    }
  }

  synchronized void sync(SimulatedFile synced) {
    Inode.File file = file(synced.inode());
    if (!file.unsynced().isEmpty()) {
      inodes.put(synced.inode(), file.synced());
      done("sync " + synced.path());
    }
  }

  /** As a sync that fails: the pages count as clean, and evicted they are not even seen. */
  synchronized void failSync(SimulatedFile synced, boolean evict) {
    Inode.File file = file(synced.inode());
    inodes.put(synced.inode(), evict ? file.failed().evicted() : file.failed());
  }

  // Locks

  @Override
  public synchronized Optional<DiskLock> tryLock(Path file) throws IOException {
    int id = find(file);
    if (id == NameChange.ABSENT) {
      id = create(file, Inode.File.EMPTY).names().get(0).inode();
      done("create " + file);
    }
    return lock(file, id);
  }

  @Override
  public synchronized Optional<DiskLock> tryLockExisting(Path file) throws IOException {
    int id = find(file);
    return id == NameChange.ABSENT ? Optional.empty() : lock(file, id);
  }

  private Optional<DiskLock> lock(Path file, int id) {
    if (locks.containsKey(id)) {
      return Optional.empty();
    }
    HeldLock lock = new HeldLock(file, id);
    locks.put(id, lock);
    return Optional.of(lock);
  }

  private final class HeldLock implements DiskLock {
    private final Path path;
    private final int inode;

    HeldLock(Path path, int inode) {
      this.path = path;
      this.inode = inode;
    }

    @Override
    public void ensureValid() throws IOException {
      synchronized (SimulatedDisk.this) {
        if (locks.get(inode) != this) {
          throw new IOException("the lock on " + path + " was let go");
        }
        if (find(path) != inode) {
          throw new IOException("the lock file " + path + " was removed or replaced");
        }
      }
    }

    @Override
    public void close() {
      synchronized (SimulatedDisk.this) {
        locks.remove(inode, this);
      }
    }
  }

  /** Copies what can be reached from the root by durable names. */
  private record Platter(Map<Integer, Inode> to, Map<Integer, Inode> from, Crash crash) {
    void copy(int id) {
      @Nullable Inode inode = from.get(id);
      if (to.containsKey(id) || inode == null) {
        return;
      }
      if (inode instanceof Inode.Directory directory) {
        to.put(id, directory.afterCrash());
        directory.durable().values().forEach(this::copy);
      } else if (inode instanceof Inode.File file) {
        to.put(id, file.after(crash));
      }
    }
  }
}
