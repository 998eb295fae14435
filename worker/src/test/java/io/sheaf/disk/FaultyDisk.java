package io.sheaf.disk;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A disk on which one operation goes wrong. Operations that change something are counted, from 1; a
 * write that goes wrong has written half of its bytes.
 */
public final class FaultyDisk {
  private static final Set<String> MUTATING =
      Set.of(
          "create",
          "createDirectories",
          "rename",
          "link",
          "delete",
          "deleteEmptyDirectory",
          "syncDirectory",
          "tryLock",
          "write",
          "copyTo",
          "truncate",
          "sync");

  private final Disk healthy;
  private final int faultAt;
  private final boolean dies;
  private final List<DiskLock> locks = new ArrayList<>();
  private int operations;
  private boolean dead;

  private FaultyDisk(Disk healthy, int faultAt, boolean dies) {
    this.healthy = healthy;
    this.faultAt = faultAt;
    this.dies = dies;
  }

  /** The n-th operation fails, once: a disk that was full for a moment. */
  public static FaultyDisk failingOnce(Disk healthy, int n) {
    return new FaultyDisk(healthy, n, false);
  }

  /** From the n-th operation on all fail, reads too: a crash, as the process sees it. */
  public static FaultyDisk crashing(Disk healthy, int n) {
    return new FaultyDisk(healthy, n, true);
  }

  /** A disk that leaves out every sync, for tests of what a dead process leaves: it is the same. */
  public static Disk withoutSync(Disk healthy) {
    InvocationHandler handler =
        (self, method, args) -> {
          if (method.getName().startsWith("sync")) {
            return null;
          }
          if (method.getName().equals("createDirectories")) {
            Files.createDirectories((Path) args[0]);
            return null;
          }
          try {
            Object result = method.invoke(healthy, args);
            return result instanceof DiskFile file ? fileWithoutSync(file) : result;
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (Disk)
        Proxy.newProxyInstance(Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, handler);
  }

  private static DiskFile fileWithoutSync(DiskFile file) {
    InvocationHandler handler =
        (self, method, args) -> {
          try {
            return method.getName().equals("sync") ? null : method.invoke(file, args);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (DiskFile)
        Proxy.newProxyInstance(
            Disk.class.getClassLoader(), new Class<?>[] {DiskFile.class}, handler);
  }

  public Disk disk() {
    return proxy(Disk.class, healthy);
  }

  /** How many operations there were. */
  public int operations() {
    return operations;
  }

  /** Whether the fault has happened. */
  public boolean happened() {
    return operations >= faultAt;
  }

  /** Lets go of the locks, as the end of a process does. */
  public void endProcess() throws IOException {
    for (DiskLock lock : locks) {
      lock.close();
    }
  }

  private <T> T proxy(Class<T> port, Object target) {
    InvocationHandler handler = (self, method, args) -> call(target, method, args);
    return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, handler));
  }

  private @Nullable Object call(Object target, Method method, Object @Nullable [] args)
      throws Throwable {
    String name = method.getName();
    if (dead && !name.equals("path") && !name.equals("close")) {
      throw new IOException("crashed before " + name);
    }
    if (MUTATING.contains(name) && ++operations == faultAt) {
      dead = dies;
      if (name.equals("write") && args != null) {
        writeHalf((DiskFile) target, args);
      }
      throw new IOException("injected fault in " + name);
    }
    try {
      return wrapped(method.invoke(target, args));
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static void writeHalf(DiskFile file, Object[] args) throws IOException {
    ByteBuffer first =
        args[0] instanceof ByteBuffer one ? one.duplicate() : ((ByteBuffer[]) args[0])[0].slice();
    file.write(first.limit(first.position() + first.remaining() / 2), (Long) args[1]);
  }

  private @Nullable Object wrapped(@Nullable Object result) {
    if (result instanceof DiskFile file) {
      return proxy(DiskFile.class, file);
    }
    if (result instanceof Optional<?> some && some.orElse(null) instanceof DiskLock lock) {
      locks.add(lock);
    }
    return result;
  }
}
