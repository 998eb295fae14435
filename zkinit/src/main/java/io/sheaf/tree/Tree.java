package io.sheaf.tree;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The port to ZooKeeper. Every method may block for as long as {@code connect_timeout} while
 * ZooKeeper does not answer, fails with a {@link TreeException}, and may be repeated after a {@link
 * TreeUnreachableException}. Callbacks come on threads of their own and may call back.
 */
public final class Tree implements AutoCloseable {
  private Tree() {}

  /**
   * Connects, and waits for it.
   *
   * @throws TreeUnreachableException when no server answers within {@code connect_timeout}
   */
  public static Tree connect(TreeOptions options) {
    throw new UnsupportedOperationException();
  }

  public boolean isConnected() {
    throw new UnsupportedOperationException();
  }

  /** Calls the listener at every change of the connection, in order, on one thread. */
  public Watch onConnection(Consumer<ConnectionChange> listener) {
    throw new UnsupportedOperationException();
  }

  /**
   * Creates the session, or joins the one of that name.
   *
   * @return what is there now, with the creator's parameters: see {@link
   *     SessionParameters#reconcile}
   * @throws TreeConflictException when the session works on another base directory
   */
  public SessionRecord createOrJoin(SessionRecord wanted) {
    throw new UnsupportedOperationException();
  }

  public Optional<SessionRecord> session(String name) {
    throw new UnsupportedOperationException();
  }

  public List<String> sessions() {
    throw new UnsupportedOperationException();
  }

  /** Moves the session on; false when its state is not {@code from}. */
  public boolean advance(String session, SessionState from, SessionState to) {
    throw new UnsupportedOperationException();
  }

  /** Removes the session with all that is under it; nothing to do when it is gone. */
  public void deleteSession(String session) {
    throw new UnsupportedOperationException();
  }

  /** Calls with the session now and after each change; empty once it is removed. */
  public Watch watchSession(String session, Consumer<Optional<SessionRecord>> listener) {
    throw new UnsupportedOperationException();
  }

  /** Registers a member; the znode is there when the call returns. */
  public Registration register(String session, Role role, MemberRecord member) {
    throw new UnsupportedOperationException();
  }

  public List<MemberRecord> members(String session, Role role) {
    throw new UnsupportedOperationException();
  }

  /** Calls with the members now and after each change. */
  public Watch watchMembers(String session, Role role, Consumer<List<MemberRecord>> listener) {
    throw new UnsupportedOperationException();
  }

  /** Makes the batch known to scavengers; one that is known already is left as it is. */
  public void publish(String session, PendingBatch batch) {
    throw new UnsupportedOperationException();
  }

  /** The published batches of an archive, by worker and sequence number. */
  public List<PendingBatch> pending(String session, ArchiveKey archive) {
    throw new UnsupportedOperationException();
  }

  /** Names of the archives that have published batches, sorted. */
  public List<String> pendingArchives(String session) {
    throw new UnsupportedOperationException();
  }

  /** Drops a batch that is merged; nothing to do when it is gone. */
  public void consumed(String session, String archive, String worker, long seq) {
    throw new UnsupportedOperationException();
  }

  /** Starts to follow what is pending; returns before the first reading is complete. */
  public PendingIndex watchPending(String session) {
    throw new UnsupportedOperationException();
  }

  /** Takes the claim if nobody has it, without waiting for it. */
  public Optional<TreeClaim> tryClaim(String baseId, ArchiveKey archive, String holder) {
    throw new UnsupportedOperationException();
  }

  /** Enters the queue for the leadership of a session. */
  public Leadership lead(String session, String id, LeadershipListener listener) {
    throw new UnsupportedOperationException();
  }

  /** Id of the member that leads now. */
  public Optional<String> currentLeader(String session) {
    throw new UnsupportedOperationException();
  }

  /** Notes what is in quarantine; the same path twice is one note. */
  public void reportFailed(String session, FailedBatch failed) {
    throw new UnsupportedOperationException();
  }

  public List<FailedBatch> failed(String session) {
    throw new UnsupportedOperationException();
  }

  public void putStats(String session, String member, StatsRecord stats) {
    throw new UnsupportedOperationException();
  }

  /** By member, also of those that are gone. */
  public Map<String, StatsRecord> stats(String session) {
    throw new UnsupportedOperationException();
  }

  /** Removes registrations and claims with the connection. Never throws. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
