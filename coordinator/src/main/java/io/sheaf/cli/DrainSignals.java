package io.sheaf.cli;

import io.sheaf.conf.Keys;
import io.sheaf.conf.OnTerm;
import io.sheaf.conf.Settings;
import io.sheaf.daemon.Service;
import io.sheaf.daemon.Signals;
import io.sheaf.tree.TreeDeniedException;
import io.sheaf.tree.TreeException;
import io.sheaf.tree.TreeUnreachableException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.FlightRecorder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signals by which a member is asked to end its session: SIGUSR2, and SIGTERM where {@code
 * on_term} says so. A second SIGTERM, or SIGINT, ends the member alone, as {@link Termination}
 * does.
 */
final class DrainSignals {
  private static final Logger LOG = LoggerFactory.getLogger(DrainSignals.class);

  /** The virtual machine takes its own signal for stopping threads from this variable. */
  private static final String OTHER_SIGNAL = "_JAVA_SR_SIGNUM";

  /** So long one that has to leave tries to end the session: SIGKILL may follow within 30 s. */
  private static final long PATIENCE_MILLIS = 5_000;

  private static final int SIGTERM_STATUS = 143;

  private final Settings settings;
  private final Runnable drain;
  private final boolean staysForIt;
  private final Service service;
  private final AtomicBoolean asked = new AtomicBoolean();

  private DrainSignals(Settings settings, Runnable drain, boolean staysForIt, Service service) {
    this.settings = settings;
    this.drain = drain;
    this.staysForIt = staysForIt;
    this.service = service;
  }

  /**
   * Does some work; meanwhile these signals drain the session.
   *
   * @param drain asks for the end of the session; fails as the tree does
   * @param staysForIt whether a SIGTERM leaves the member there until the session is closed
   */
  static int during(
      Settings settings, Runnable drain, boolean staysForIt, Service service, Termination.Work work)
      throws IOException, InterruptedException {
    DrainSignals signals = new DrainSignals(settings, drain, staysForIt, service);
    AutoCloseable usr2 = Signals.handle("USR2", signals::onUsr2);
    AutoCloseable term =
        onTerm(settings) == OnTerm.DRAIN ? Signals.handle("TERM", signals::onTerm) : () -> {};
    try {
      return work.run();
    } finally {
      close(usr2);
      close(term);
    }
  }

  /** In a job everybody gets SIGTERM when it ends; elsewhere a member may only be restarted. */
  static OnTerm onTerm(Settings settings) {
    return settings
        .find(Keys.ON_TERM)
        .orElse(settings.variable("SLURM_JOB_ID").isPresent() ? OnTerm.DRAIN : OnTerm.LEAVE);
  }

  private void onUsr2() {
    if (settings.variable(OTHER_SIGNAL).isEmpty() && FlightRecorder.isInitialized()) {
      // Its sampler sends the same signal many times a second.
      LOG.warn("SIGUSR2 is ignored: a flight recording runs, and {} is not set", OTHER_SIGNAL);
      return;
    }
    LOG.info("SIGUSR2: draining the session");
    service.status("draining the session, as SIGUSR2 says");
    if (!ask()) {
      leave();
    }
  }

  private void onTerm() {
    if (!asked.compareAndSet(false, true)) {
      LOG.info("SIGTERM again: leaving");
      leave();
    } else if (staysForIt) {
      LOG.info("SIGTERM: draining the session; once more to leave at once");
      service.stopping("draining the session, as SIGTERM says");
      if (!ask()) {
        leave();
      }
    } else {
      LOG.info("SIGTERM: draining the session and leaving");
      service.stopping("draining the session and leaving, as SIGTERM says");
      askBriefly();
      leave();
    }
  }

  private void askBriefly() {
    Thread asking = new Thread(this::ask, "drain");
    asking.setDaemon(true);
    asking.start();
    try {
      TimeUnit.MILLISECONDS.timedJoin(asking, PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks as often as ZooKeeper does not answer; false when this member may not end the session. */
  private boolean ask() {
    while (true) {
      try {
        drain.run();
        return true;
      } catch (TreeUnreachableException e) {
        // Each try waits for connect_timeout itself.
        LOG.warn("the session cannot be drained yet: {}", e.getMessage());
      } catch (TreeDeniedException e) {
        LOG.warn("only this member leaves, it may not end the session: {}", e.getMessage());
        return false;
      } catch (TreeException e) {
        LOG.warn("the session is not drained: {}", e.getMessage());
        return true; // Gone, and this member with it.
      }
    }
  }

  private static void leave() {
    System.exit(
        SIGTERM_STATUS); // Termination makes an orderly end of it, with a status of its own.
  }

  private static void close(AutoCloseable signal) {
    try {
      signal.close();
    } catch (Exception e) {
      LOG.debug("while leaving: {}", e.toString());
    }
  }
}
