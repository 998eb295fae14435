package io.sheaf.archive;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.HookedDisk;
import io.sheaf.disk.HookedDisk.Call;
import io.sheaf.disk.HookedDisk.Hook;
import io.sheaf.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A step of the protocol that is left out, or taken at the wrong time; Sheaf itself knows nothing
 * of it.
 */
final class Sabotage {
  private static final Set<String> CHANGES =
      Set.of("create", "rename", "delete", "write", "openForRead", "tryLock");
  private static final int REMEMBERED = 20;

  private final Function<Sabotage, Hook> hooks;
  private long times;

  private Sabotage(Function<Sabotage, Hook> hooks) {
    this.hooks = hooks;
  }

  /** The disk as a saboteur passes it on. */
  Disk on(Disk disk) {
    return HookedDisk.of(disk, hooks.apply(this));
  }

  /** How often it was done. */
  long times() {
    return times;
  }

  /** Which of several calls of one kind. */
  interface When {
    /**
     * Whether it is this call.
     *
     * @param before what was changed and opened before, the last first
     */
    boolean is(Call call, List<String> before);
  }

  /** Leaves out a sync of a file or directory. */
  static Sabotage leavesOut(When when) {
    return new Sabotage(
        self -> {
          List<String> before = new ArrayList<>();
          return call -> {
            if (call.is("sync", "syncDirectory") && when.is(call, before)) {
              self.times++;
              return null;
            }
            remember(call, before);
            return call.proceed();
          };
        });
  }

  private static void remember(Call call, List<String> before) {
    if (CHANGES.contains(call.name())) {
      before.add(0, call.toString());
      if (before.size() > REMEMBERED) {
        before.remove(REMEMBERED);
      }
    }
  }

  /** Leaves out the sync of a new directory's name. */
  static Sabotage leavesOutSyncOfNew(String directory) {
    return new Sabotage(
        self ->
            call -> {
              if (call.is("createDirectories") && call.path().startsWith(directory)) {
                self.times++;
                call.createUnsynced();
                return null;
              }
              return call.proceed();
            });
  }

  /** Holds a call back until after another one; the calls that are held are done in order. */
  static Sabotage holdsBack(Predicate<Call> held, Predicate<Call> until) {
    return holdsBack((call, before) -> held.test(call), until);
  }

  static Sabotage holdsBack(When held, Predicate<Call> until) {
    return new Sabotage(
        self -> {
          Deque<Call> waiting = new ArrayDeque<>();
          List<String> before = new ArrayList<>();
          return call -> {
            if (held.is(call, before)) {
              self.times++;
              waiting.add(call);
              return null;
            }
            remember(call, before);
            Object result = call.proceed();
            if (until.test(call)) {
              while (!waiting.isEmpty()) {
                waiting.remove().proceed();
              }
            }
            return result;
          };
        });
  }

  /**
   * Deletes files before a call, that Sheaf deletes after it: those that were seen to be opened.
   */
  static Sabotage deletesEarly(Predicate<Path> files, Predicate<Call> before) {
    return new Sabotage(
        self -> {
          Set<Call> opened = new LinkedHashSet<>();
          return call -> {
            if (call.is("openForRead", "rename") && files.test(last(call))) {
              opened.add(call);
            } else if (before.test(call)) {
              for (Call earlier : opened) {
                self.times++;
                earlier.delete(last(earlier));
              }
              opened.clear();
            }
            return call.proceed();
          };
        });
  }

  /** Deletes a file with another one. */
  static Sabotage deletesToo(Predicate<Call> with, Path file) {
    return new Sabotage(
        self ->
            call -> {
              if (with.test(call)) {
                self.times++;
                call.delete(file);
              }
              return call.proceed();
            });
  }

  private static Path last(Call call) {
    return call.is("rename") ? call.to() : call.path();
  }

  /** Shows every ledger as if no batch had been consumed. */
  static Sabotage forgetsWhatIsConsumed() {
    return new Sabotage(
        self ->
            call -> {
              Object result = call.proceed();
              if (call.is("openForRead")
                  && call.path().toString().endsWith(".zip.json")
                  && result instanceof DiskFile file) {
                self.times++;
                return withoutConsumed(file);
              }
              return result;
            });
  }

  private static DiskFile withoutConsumed(DiskFile file) throws IOException {
    ByteBuffer all = ByteBuffer.allocate((int) file.size());
    file.readFully(all, 0);
    byte[] json = new byte[all.flip().remaining()];
    all.get(json);
    Ledger ledger = Json.read(json, Ledger.class, file.path(), Ledger.VERSION, Ledger::version);
    ledger.consumed().clear();
    DiskFile shown = new SimulatedDisk().create(Path.of("/" + file.path().getFileName()));
    shown.write(ByteBuffer.wrap(Json.write(ledger)), 0);
    return shown;
  }
}
