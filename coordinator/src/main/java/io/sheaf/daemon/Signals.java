package io.sheaf.daemon;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals that mean something of their own to this process. Closing one gives it back its meaning.
 *
 * <p>The JDK's only way to them is {@code sun.misc.Signal}, of the module jdk.unsupported, which
 * stays until there is another (JEP 260). By reflection, since a compiler warns of each use.
 */
public final class Signals implements AutoCloseable {
  private final String name;
  private final Object before;

  private Signals(String name, Object before) {
    this.name = name;
    this.before = before;
  }

  /**
   * From now on calls the action at each arrival, on a thread of its own.
   *
   * @param name without SIG
   * @return what to close; closing it does nothing where the virtual machine keeps the signal to
   *     itself, as with -Xrs
   */
  public static AutoCloseable handle(String name, Runnable action) {
    try {
      Object before = set(name, handler(action));
      return new Signals(name, before);
    } catch (ReflectiveOperationException e) {
      log().warn("SIG{} keeps its usual meaning: {}", name, String.valueOf(e.getCause()));
      return () -> {};
    }
  }

  /** Only when there is something to log: a short command does without the library. */
  private static Logger log() {
    return LoggerFactory.getLogger(Signals.class);
  }

  private static Object handler(Runnable action) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.SignalHandler");
    return Proxy.newProxyInstance(
        Signals.class.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "handle" -> {
                action.run();
                yield null;
              }
              case "equals" -> arguments[0] == proxy;
              case "hashCode" -> System.identityHashCode(proxy);
              default -> "a signal handler of Sheaf";
            });
  }

  private static Object set(String name, Object handler) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> type = Class.forName("sun.misc.SignalHandler");
    return signal
        .getMethod("handle", signal, type)
        .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
  }

  @Override
  public void close() {
    try {
      Object unused = set(name, before);
    } catch (ReflectiveOperationException e) {
      log().debug("SIG{} is not given back: {}", name, e.toString());
    }
  }
}
