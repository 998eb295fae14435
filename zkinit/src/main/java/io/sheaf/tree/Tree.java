package io.sheaf.tree;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;

/**
 * The port to ZooKeeper. Every method may block for as long as {@code connect_timeout} while
 * ZooKeeper does not answer, fails with a {@link TreeException}, and may be repeated after a {@link
 * TreeUnreachableException}. Callbacks come on threads of their own and may call back.
 */
public final class Tree implements AutoCloseable {
  private final CuratorFramework client;
  private final Connection connection;
  private final TreeLayout layout;
  private final Znodes znodes;
  private final Bulk bulk;
  private final Sessions sessions;
  private final Members members;
  private final Batches batches;
  private final Stats stats;
  private final Claims claims;
  private final Leaders leaders;
  private final RolesWatch roles;
  private final TreeAcl acl;

  private Tree(CuratorFramework client, Connection connection, TreeOptions options, TreeAcl acl) {
    this.client = client;
    this.connection = connection;
    this.layout = new TreeLayout(options.root());
    this.znodes = new Znodes(client, connection, options, acl);
    this.bulk = new Bulk(znodes, options.connectTimeout().toMillis());
    this.sessions = new Sessions(znodes, bulk, layout);
    this.members = new Members(znodes, bulk, layout);
    this.batches = new Batches(znodes, bulk, layout);
    this.stats = new Stats(znodes, bulk, layout);
    this.claims = new Claims(znodes, layout);
    this.leaders = new Leaders(znodes, layout);
    this.roles = new RolesWatch(znodes, layout, acl);
    this.acl = acl;
  }

  /**
   * Connects, and waits for it.
   *
   * @throws TreeUnreachableException when no server answers within {@code connect_timeout}
   * @throws TreeDeniedException when rights are split and this user has no part in them
   * @throws io.sheaf.conf.ConfException when {@code servers} is no list of servers
   */
  public static Tree connect(TreeOptions options) {
    Connection connection = new Connection();
    TreeAcl acl = new TreeAcl(options);
    CuratorFramework client = CuratorClients.start(options, connection, acl);
    Tree tree = new Tree(client, connection, options, acl);
    boolean ready = false;
    try {
      tree.roles.start();
      ready = true;
      return tree;
    } finally {
      if (!ready) {
        tree.close();
      }
    }
  }

  public boolean isConnected() {
    return connection.isConnected();
  }

  /** Whether the server itself says that the user of this connection administers its tree. */
  public boolean isAdministrator() {
    return acl.isAdministrator();
  }

  /** Calls the listener at every change of the connection, in order, on one thread for all. */
  public Watch onConnection(Consumer<ConnectionChange> listener) {
    return connection.listen(listener);
  }

  /**
   * Creates the session, or joins the one of that name.
   *
   * @return what is there now, with the creator's parameters: see {@link
   *     SessionParameters#reconcile}
   * @throws TreeConflictException when the session works on another base directory
   */
  public SessionRecord createOrJoin(SessionRecord wanted) {
    return sessions.createOrJoin(wanted);
  }

  public Optional<SessionRecord> session(String name) {
    return sessions.get(name);
  }

  public List<String> sessions() {
    return sessions.names();
  }

  /** Moves the session on; false when its state is not {@code from}. */
  public boolean advance(String session, SessionState from, SessionState to) {
    return sessions.advance(session, from, to);
  }

  /** Removes the session with all that is under it; nothing to do when it is gone. */
  public void deleteSession(String session) {
    sessions.delete(session);
  }

  /** Calls with the session now and after each change; empty once it is removed. */
  public Watch watchSession(String session, Consumer<Optional<SessionRecord>> listener) {
    return sessions.watch(session, listener);
  }

  /** Registers a member; the znode is there when the call returns. */
  public Registration register(String session, Role role, MemberRecord member) {
    return members.register(session, role, member);
  }

  public List<MemberRecord> members(String session, Role role) {
    return members.list(session, role);
  }

  /** Calls with the members now and after each change. */
  public Watch watchMembers(String session, Role role, Consumer<List<MemberRecord>> listener) {
    return members.watch(session, role, listener);
  }

  /** Makes the batch known to scavengers; one that is known already is left as it is. */
  public void publish(String session, PendingBatch batch) {
    batches.publish(session, batch);
  }

  /** As {@link #publish} for each, in a fraction of the time. */
  public void publishAll(String session, Collection<PendingBatch> published) {
    batches.publishAll(session, published);
  }

  /** Those of the batches that nobody has published, or that are consumed. */
  public List<PendingBatch> unpublished(String session, Collection<PendingBatch> known) {
    return batches.unpublished(session, known);
  }

  /**
   * The published batches of an archive, by worker and sequence number. Each lies in the inbox of
   * that archive, or among those of several.
   */
  public List<PendingBatch> pending(String session, ArchiveKey archive) {
    return batches.pending(session, archive).batches();
  }

  /** As {@link #pending}, and what is published there but cannot be trusted. */
  public PublishedBatches published(String session, ArchiveKey archive) {
    return batches.pending(session, archive);
  }

  /** What is published where no archive's batches are. */
  public List<RefusedManifest> misplaced(String session) {
    return batches.misplaced(session);
  }

  /** Stands for all that is published for an archive that may not be. */
  public RefusedManifest refusal(String session, String archive, String reason) {
    return new RefusedManifest(layout.pending(session, ArchiveKey.of(archive)), archive, reason);
  }

  /** Removes it with all that is under it; files are left alone. */
  public void drop(String session, RefusedManifest refused) {
    batches.drop(session, refused);
  }

  /** Names of the archives that have published batches, sorted. */
  public List<String> pendingArchives(String session) {
    return batches.archives(session);
  }

  /** Drops a batch that is merged; nothing to do when it is gone. */
  public void consumed(String session, String archive, String worker, long seq) {
    batches.consumed(session, archive, worker, seq);
  }

  /** Starts to follow what is pending; returns before the first reading is complete. */
  public PendingIndex watchPending(String session) {
    PendingWatch watch = new PendingWatch(znodes, bulk, layout.pending(session));
    watch.start();
    return watch;
  }

  /** Takes the claim if nobody has it, without waiting for it. */
  public Optional<TreeClaim> tryClaim(String baseId, ArchiveKey archive, String holder) {
    return claims.tryClaim(baseId, archive, holder);
  }

  /** Who has the claim now. */
  public Optional<String> claimHolder(String baseId, ArchiveKey archive) {
    return claims.holder(baseId, archive);
  }

  /**
   * Removes the claim of one that is known to be dead, while its ZooKeeper session has not expired;
   * that of another holder stays.
   */
  public void retireClaim(String baseId, ArchiveKey archive, String holder) {
    claims.retire(baseId, archive, holder);
  }

  /** Enters the queue for the leadership of a session. */
  public Leadership lead(String session, String id, LeadershipListener listener) {
    return leaders.lead(session, id, listener);
  }

  /** Id of the member that leads now. */
  public Optional<String> currentLeader(String session) {
    return leaders.current(session);
  }

  /**
   * Takes a member out of the queue for the leadership: one that is known to be dead, while its
   * ZooKeeper session has not expired.
   */
  public void retireLeader(String session, String id) {
    leaders.retire(session, id);
  }

  /** Notes what is in quarantine; the same path twice is one note. */
  public void reportFailed(String session, FailedBatch failed) {
    batches.reportFailed(session, failed);
  }

  public List<FailedBatch> failed(String session) {
    return batches.failed(session);
  }

  public void putStats(String session, String member, StatsRecord record) {
    stats.put(session, member, record);
  }

  /** By member, also of those that are gone. */
  public Map<String, StatsRecord> stats(String session) {
    return stats.all(session);
  }

  /** Says what all workers have used of the session's quotas; the leader does. */
  public void putUsage(String session, UsageRecord usage) {
    stats.putUsage(session, usage);
  }

  /** Empty when nothing was told yet. */
  public Optional<UsageRecord> usage(String session) {
    return stats.usage(session);
  }

  /** Calls with what is used now and after each change. */
  public Watch watchUsage(String session, Consumer<Optional<UsageRecord>> listener) {
    return stats.watchUsage(session, listener);
  }

  /** For tests of what znodes are created with. */
  TreeAcl acl() {
    return acl;
  }

  /** For tests of what happens to the connection. */
  CuratorFramework client() {
    return client;
  }

  /** Removes registrations and claims with the connection. Never throws. */
  @Override
  public void close() {
    roles.close();
    client.close();
    connection.close();
  }
}
