package io.sheaf.session;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Access;
import io.sheaf.conf.Credentials;
import io.sheaf.conf.CredentialsFile;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import io.sheaf.tree.TreeUnreachableException;
import io.sheaf.tree.Watch;
import io.sheaf.zkinit.EmbeddedZooKeeper;
import io.sheaf.zkinit.EnsembleServer;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * A ZooKeeper server inside a session's job, alone or one of an ensemble. It serves that session
 * alone, and ends when the session is closed. Its data is on this node; when it is lost, the files
 * in the base directory have all that counts.
 */
public final class JobServer implements AutoCloseable {
  /** After the end of the session its members and whoever drains it still have to hear of it. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  /** A session that nobody has created by then will not be. */
  private static final Duration UNUSED = Duration.ofMinutes(10);

  private static final Duration QUORUM = Duration.ofMinutes(1);

  private final ScratchDirectory scratch;
  private final EmbeddedZooKeeper server;
  private final String session;
  private final CountDownLatch stop = new CountDownLatch(1);

  /** The session was there and is not any more. */
  private final CountDownLatch over = new CountDownLatch(1);

  private final Settings settings;
  private final Credentials credentials;

  private JobServer(
      ScratchDirectory scratch,
      EmbeddedZooKeeper server,
      String session,
      Settings settings,
      Credentials credentials) {
    this.scratch = scratch;
    this.server = server;
    this.session = session;
    this.settings = settings;
    this.credentials = credentials;
  }

  /**
   * Which of the servers of a session this is.
   *
   * @param id from 1 on
   * @param of how many there are
   * @param launch the same for all that were started together, and for no others
   */
  public record Place(int id, int of, String launch) {}

  /**
   * Starts it. The first server tells the members of it, in the base directory, as soon as it
   * serves.
   *
   * @param address by which the other nodes reach this one
   */
  public static JobServer start(
      Settings settings,
      Disk disk,
      BaseDirectory base,
      String session,
      Place place,
      String address,
      Clock clock)
      throws IOException, InterruptedException {
    Credentials credentials =
        CredentialsFile.read(JobZooKeeper.credentials(base, session), "session " + session);
    ScratchDirectory scratch = ScratchDirectory.create("sheaf-zookeeper-");
    boolean started = false;
    try {
      EmbeddedZooKeeper.Builder builder =
          EmbeddedZooKeeper.builder(scratch.resolve("data"))
              .address(address)
              .credentials(credentials);
      List<EnsembleServer> all =
          place.of() == 1 ? List.of() : Ensemble.gather(disk, base, session, place, address);
      EmbeddedZooKeeper server =
          (all.isEmpty() ? builder : builder.ensemble(place.id(), all)).start();
      String servers = all.isEmpty() ? server.servers() : servers(all);
      Settings own =
          Reach.of(settings, base, new JobZooKeeper(JobZooKeeper.VERSION, servers, 0), session);
      JobServer job = new JobServer(scratch, server, session, own, credentials);
      job.awaitQuorum();
      if (place.id() == 1) {
        new JobZooKeeper(JobZooKeeper.VERSION, servers, clock.millis()).write(disk, base, session);
      }
      started = true;
      return job;
    } finally {
      if (!started) {
        scratch.close();
      }
    }
  }

  private static String servers(List<EnsembleServer> all) {
    return all.stream()
        .map(server -> server.host() + ":" + server.clientPort())
        .collect(Collectors.joining(","));
  }

  private void awaitQuorum() {
    long end = System.nanoTime() + QUORUM.toNanos();
    while (true) {
      try (Tree tree = connect()) {
        tree.sessions();
        return;
      } catch (TreeUnreachableException e) {
        if (System.nanoTime() - end >= 0) {
          throw e;
        }
      }
    }
  }

  private Tree connect() {
    return Tree.connect(TreeOptions.of(settings, credentials, Access.ADMIN));
  }

  /** Of all servers. */
  public String servers() {
    return settings.get(Keys.SERVERS);
  }

  /** Serves until the session is closed, or {@link #stop} is called. */
  public void serve() throws InterruptedException {
    AtomicBoolean seen = new AtomicBoolean();
    try (Tree tree = connect()) {
      Watch watch = tree.watchSession(session, record -> seen(record.isPresent(), seen));
      if (!stop.await(UNUSED.toMillis(), TimeUnit.MILLISECONDS) && seen.get()) {
        stop.await();
      }
      watch.close();
    }
    if (over.getCount() == 0) {
      TimeUnit.MILLISECONDS.sleep(LINGER.toMillis());
    }
  }

  private void seen(boolean there, AtomicBoolean before) {
    if (there) {
      before.set(true);
    } else if (before.get()) {
      over.countDown();
      stop.countDown();
    }
  }

  /**
   * Asks for the end: the members get the same signal when a job is ended, and need this server to
   * drain their session. So it goes on until that is closed, or for so long; then {@link #serve}
   * ends.
   */
  public void leave(Duration patience) {
    try {
      if (!over.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        stop.countDown();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop.countDown();
    }
  }

  @Override
  public void close() {
    server.close();
    scratch.close();
  }
}
