package io.sheaf.scavenge;

import io.sheaf.tree.Leadership;
import io.sheaf.tree.LeadershipListener;
import io.sheaf.tree.TreeException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A coordinator's place in the queue for the lead of its session. While its node has not the base
 * directory it gives that up: others may have it, and somebody has to salvage and to end the
 * session.
 */
final class Candidacy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Candidacy.class);

  private final Coordination in;
  private final LeadershipListener listener;
  // What comes after close() is dropped.
  private final ExecutorService executor =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          r -> new Thread(r, "candidacy"),
          new ThreadPoolExecutor.DiscardPolicy());

  private volatile boolean wanted = true;
  private volatile @Nullable Place place;
  private boolean closed;

  private Candidacy(Coordination in, LeadershipListener listener) {
    this.in = in;
    this.listener = listener;
  }

  /** Enters the queue. */
  static Candidacy of(Coordination in, LeadershipListener listener) {
    Candidacy candidacy = new Candidacy(in, listener);
    candidacy.place = candidacy.new Place();
    return candidacy;
  }

  /** One stay in the queue: what is still told of one that is over must not count. */
  private final class Place implements LeadershipListener {
    private final Leadership leadership;
    private boolean over;

    Place() {
      leadership = in.tree().lead(in.session(), in.id(), this);
    }

    @Override
    public synchronized void elected() {
      if (!over) {
        listener.elected();
      }
    }

    @Override
    public synchronized void deposed() {
      if (!over) {
        listener.deposed();
      }
    }

    void leave() {
      synchronized (this) {
        over = true;
        listener.deposed();
      }
      leadership.close();
    }
  }

  /**
   * Says, again and again, whether this coordinator can lead. Returns at once; what fails is tried
   * again at the next call.
   */
  void able(boolean able) {
    wanted = able;
    if (able != (place != null)) {
      executor.execute(this::settle);
    }
  }

  private synchronized void settle() {
    Place now = place;
    try {
      if (closed || wanted == (now != null)) {
        return;
      }
      if (now == null) {
        place = new Place();
      } else {
        LOG.warn("giving up the lead, or the place in the queue for it: another is to have it");
        place = null;
        now.leave();
      }
    } catch (TreeException e) {
      LOG.info("no place in the queue for the lead yet: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    executor.shutdown();
    synchronized (this) {
      closed = true;
      Place now = place;
      if (now != null) {
        now.leave();
      }
    }
  }
}
