package io.sheaf.load;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whether the worker takes deposits: tells it when that ends, and when it begins again. */
final class Presence {
  /** A worker that answers nothing for so long counts as away, though its socket may be there. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final Path socket;
  private final Consumer<String> told;
  private long lastMove = System.nanoTime();
  private long awaySince;
  private @Nullable String away;

  Presence(Path socket, Consumer<String> told) {
    this.socket = socket;
    this.told = told;
  }

  /** A deposit was sent while none was in flight: the silence begins now at the earliest. */
  synchronized void asked() {
    lastMove = System.nanoTime();
  }

  synchronized void answered() {
    lastMove = System.nanoTime();
    if (away != null) {
      away = null;
      long seconds = TimeUnit.NANOSECONDS.toSeconds(lastMove - awaySince);
      told.accept("the worker at " + socket + " takes deposits again, after " + seconds + " s");
    }
  }

  synchronized void away(String reason) {
    if (away == null) {
      away = reason;
      awaySince = System.nanoTime();
      told.accept("the worker at " + socket + " takes nothing, going on: " + reason);
    }
  }

  /** To be called now and then while something is in flight. */
  synchronized void look() {
    if (System.nanoTime() - lastMove > SILENCE_NANOS) {
      away("no answer for " + TimeUnit.NANOSECONDS.toSeconds(SILENCE_NANOS) + " s");
    }
  }
}
