package io.sheaf.disk;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A disk on which everybody gets every lock, as on a filesystem that is mounted without them. */
public final class UselessLocks {
  private UselessLocks() {}

  public static Disk on(Disk healthy) {
    InvocationHandler handler =
        (self, method, args) -> {
          if (method.getName().equals("tryLock")) {
            create((Path) args[0]);
            return Optional.of(new Useless());
          }
          if (method.getName().equals("tryLockExisting")) {
            return Files.exists((Path) args[0]) ? Optional.of(new Useless()) : Optional.empty();
          }
          try {
            return method.invoke(healthy, args);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (Disk)
        Proxy.newProxyInstance(Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, handler);
  }

  private static void create(Path file) throws IOException {
    if (Files.notExists(file)) {
      Files.createFile(file);
    }
  }

  private static final class Useless implements DiskLock {
    @Override
    public void ensureValid() {}

    @Override
    public void close() {}
  }
}
