package io.sheaf.archive;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.HookedDisk;
import io.sheaf.disk.HookedDisk.Call;
import io.sheaf.disk.HookedDisk.Hook;
import io.sheaf.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A step of the protocol that is left out, or taken at the wrong time; Sheaf itself knows nothing
 * of it.
 */
final class Sabotage {
  private final Supplier<Hook> hooks;
  private long times;

  private Sabotage(Supplier<Hook> hooks) {
    this.hooks = hooks;
  }

  /** The disk as a saboteur passes it on. */
  Disk on(Disk disk) {
    return HookedDisk.of(disk, hooks.get());
  }

  /** How often it was done. */
  long times() {
    return times;
  }

  /** Which of several calls of one kind: that after a certain change. */
  interface When {
    /**
     * Whether it is this one.
     *
     * @param last the change before; null when there was none
     */
    boolean is(Call call, @Nullable String last);
  }

  /** Leaves out a sync of a file or directory. */
  static Sabotage leavesOut(When when) {
    Sabotage[] self = new Sabotage[1];
    self[0] =
        new Sabotage(
            () -> {
              String[] last = new String[1];
              return call -> {
                if (call.is("sync", "syncDirectory") && when.is(call, last[0])) {
                  self[0].times++;
                  return null;
                }
                if (call.is("create", "rename", "delete", "write", "openForRead")) {
                  last[0] = call.toString();
                }
                return call.proceed();
              };
            });
    return self[0];
  }

  /** Leaves out the sync of a new directory's name. */
  static Sabotage leavesOutSyncOfNew(String directory) {
    Sabotage[] self = new Sabotage[1];
    self[0] =
        new Sabotage(
            () ->
                call -> {
                  if (call.is("createDirectories") && call.path().startsWith(directory)) {
                    self[0].times++;
                    call.createUnsynced();
                    return null;
                  }
                  return call.proceed();
                });
    return self[0];
  }

  /** Holds a call back until after another one; the calls that are held are done in order. */
  static Sabotage holdsBack(Predicate<Call> held, Predicate<Call> until) {
    Sabotage[] self = new Sabotage[1];
    self[0] =
        new Sabotage(
            () -> {
              Deque<Call> waiting = new ArrayDeque<>();
              return call -> {
                if (held.test(call)) {
                  self[0].times++;
                  waiting.add(call);
                  return null;
                }
                Object result = call.proceed();
                if (until.test(call)) {
                  while (!waiting.isEmpty()) {
                    waiting.remove().proceed();
                  }
                }
                return result;
              };
            });
    return self[0];
  }

  /**
   * Deletes files before a call, that Sheaf deletes after it: those that were seen to be opened.
   */
  static Sabotage deletesEarly(Predicate<Path> files, Predicate<Call> before) {
    Sabotage[] self = new Sabotage[1];
    self[0] =
        new Sabotage(
            () -> {
              Set<Call> opened = new LinkedHashSet<>();
              return call -> {
                if (call.is("openForRead", "rename") && files.test(last(call))) {
                  opened.add(call);
                } else if (before.test(call)) {
                  for (Call earlier : opened) {
                    self[0].times++;
                    earlier.delete(last(earlier));
                  }
                  opened.clear();
                }
                return call.proceed();
              };
            });
    return self[0];
  }

  private static Path last(Call call) {
    return call.is("rename") ? call.to() : call.path();
  }

  /** Shows every ledger as if no batch had been consumed. */
  static Sabotage forgetsWhatIsConsumed() {
    Sabotage[] self = new Sabotage[1];
    self[0] =
        new Sabotage(
            () ->
                call -> {
                  Object result = call.proceed();
                  if (call.is("openForRead")
                      && call.path().toString().endsWith(".zip.json")
                      && result instanceof DiskFile file) {
                    self[0].times++;
                    return withoutConsumed(file);
                  }
                  return result;
                });
    return self[0];
  }

  private static DiskFile withoutConsumed(DiskFile file) throws IOException {
    ByteBuffer all = ByteBuffer.allocate((int) file.size());
    file.readFully(all, 0);
    String text = StandardCharsets.UTF_8.decode(all.flip()).toString();
    String forgetful = text.replaceFirst("\"consumed\" : \\{[^}]*}", "\"consumed\" : { }");
    DiskFile shown = new SimulatedDisk().create(Path.of("/" + file.path().getFileName()));
    shown.write(ByteBuffer.wrap(forgetful.getBytes(StandardCharsets.UTF_8)), 0);
    return shown;
  }
}
