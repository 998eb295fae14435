package io.sheaf.deposit;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.time.Duration;

/**
 * For how long deposits are sent again whose answers were lost with a connection.
 *
 * @param time since the loss, in which a worker must serve the socket again; zero for never
 * @param tries that one deposit gets: one that ends a worker each time must not go on for ever
 */
record Resending(Duration time, int tries) {
  static Resending of(Settings settings) {
    return new Resending(settings.get(Keys.RESEND_TIME), settings.get(Keys.RESEND_TRIES));
  }

  boolean isOff() {
    return time.isZero();
  }
}
