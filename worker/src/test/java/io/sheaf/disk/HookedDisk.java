package io.sheaf.disk;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A disk on which a hook sees every call, reads too, and decides what becomes of it. */
public final class HookedDisk {
  /** Stands between a caller and the disk. */
  public interface Hook {
    /** Does the call with {@link Call#proceed}, or something else. */
    @Nullable Object around(Call call) throws IOException;
  }

  private final Hook hook;

  private HookedDisk(Hook hook) {
    this.hook = hook;
  }

  public static Disk of(Disk disk, Hook hook) {
    return new HookedDisk(hook).proxy(Disk.class, disk);
  }

  private <T> T proxy(Class<T> port, Object target) {
    InvocationHandler handler =
        (self, method, args) -> {
          if (method.isDefault()) {
            // It calls others, each of which the hook sees.
            return InvocationHandler.invokeDefault(self, method, args);
          }
          return hook.around(new Call(target, method, args == null ? new Object[0] : args));
        };
    return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, handler));
  }

  /** A call of {@link Disk} or {@link DiskFile}. */
  public final class Call {
    private final Object target;
    private final Method method;
    private final @Nullable Object[] args;

    Call(Object target, Method method, @Nullable Object[] args) {
      this.target = target;
      this.method = method;
      this.args = args;
    }

    /** Of the method. */
    public String name() {
      return method.getName();
    }

    public boolean is(String... names) {
      return List.of(names).contains(name());
    }

    /** Of the file or directory that it is about; a rename is about its source. */
    public Path path() {
      if (target instanceof DiskFile file) {
        return file.path();
      }
      return (Path) argument(0);
    }

    /** The second path of a rename or a link. */
    public Path to() {
      return (Path) argument(1);
    }

    public Object argument(int index) {
      Object argument = args[index];
      if (argument == null) {
        throw new IllegalArgumentException("null given to " + name());
      }
      return argument;
    }

    /** Does what was asked for. */
    public @Nullable Object proceed() throws IOException {
      try {
        return wrapped(method.invoke(target, args));
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof IOException cause) {
          throw cause;
        } else if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        } else if (e.getCause() instanceof Error cause) {
          throw cause;
        }
        throw new IllegalStateException(e.getCause());
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }

    private @Nullable Object wrapped(@Nullable Object result) {
      return result instanceof DiskFile file ? proxy(DiskFile.class, file) : result;
    }

    /** For a write: does half of it. */
    public void writeHalf() throws IOException {
      ByteBuffer first =
          argument(0) instanceof ByteBuffer one
              ? one.duplicate()
              : ((ByteBuffer[]) argument(0))[0].duplicate();
      first.limit(first.position() + (first.remaining() + 1) / 2);
      ((DiskFile) target).write(first, (Long) argument(1));
    }

    /** For a sync of a simulated file: what it should write will never be written. */
    public void failSync(boolean evict) {
      if (target instanceof SimulatedFile file) {
        file.failSync(evict);
      }
    }

    /** For a call of {@link Disk}: deletes a file on it, unseen by the hook. */
    public void delete(Path file) throws IOException {
      if (target instanceof Disk disk) {
        disk.delete(file);
      }
    }

    /** For {@link Disk#createDirectories} of a simulated disk: without its promise. */
    public void createUnsynced() throws IOException {
      if (target instanceof SimulatedDisk disk) {
        disk.createDirectories(path(), false);
      }
    }

    @Override
    public String toString() {
      String second = is("rename", "link") ? " to " + to() : "";
      return name() + " " + path() + second;
    }
  }
}
