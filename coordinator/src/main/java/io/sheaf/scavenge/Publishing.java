package io.sheaf.scavenge;

import io.sheaf.archive.MixedSweep;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.MixedFile;
import io.sheaf.batch.Quarantine;
import io.sheaf.tree.ArchiveKey;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.SessionState;
import io.sheaf.tree.TreeDamagedException;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes closed batches known that their worker could not publish, or that came by other ways. */
final class Publishing {
  private static final Logger LOG = LoggerFactory.getLogger(Publishing.class);

  private final Coordination in;
  private final Counters counters;
  private final Inbox inbox;
  private final MixedSweep usual;
  private final MixedSweep cautious;
  private final Locking locking;
  private final Refusals refusals;

  /**
   * @param cautious what takes merged batches away where POSIX locks are worth too little
   */
  Publishing(
      Coordination in, MixedSweep usual, MixedSweep cautious, Locking locking, Counters counters) {
    this.in = in;
    this.usual = usual;
    this.cautious = cautious;
    this.locking = locking;
    this.refusals = new Refusals(in);
    this.counters = counters;
    this.inbox = new Inbox(in.disk(), in.base());
  }

  /**
   * Publishes a batch in its own session while that takes care of it, else in this one; of a batch
   * of several archives each part.
   */
  void publish(PendingBatch batch) throws IOException {
    boolean ours = isOurs(batch, new HashSet<>(in.tree().sessions()));
    String session = ours ? in.session() : batch.manifest().session();
    if (batch.manifest().archive().equals(Manifest.MIXED)) {
      Path file = in.base().root().resolve(batch.path());
      in.tree().publishAll(session, MixedFile.read(in.disk(), file).published(in.base()));
    } else {
      in.tree().publish(session, batch);
    }
  }

  private MixedSweep mixed() throws IOException {
    return locking.isBroken() ? cautious : usual;
  }

  /** Removes batches of several archives that are merged, and tells of those in quarantine. */
  void sweep() throws IOException {
    for (Quarantine.Item item : mixed().sweep()) {
      LOG.warn("in quarantine: {}: {}", item.path(), item.reason());
      in.tree().reportFailed(in.session(), Notes.of(in, item));
    }
  }

  /**
   * Publishes every closed batch in the inbox that nobody has published and that is not of another
   * session in ZooKeeper. A batch that is merged while this runs may be published once more; the
   * next merge finds it in the ledger and drops it.
   *
   * @return the number of batches published now
   */
  int scan() throws IOException {
    sweep();
    refusals.dropMisplaced();
    int published = scanMixed();
    Set<String> archives = inbox.archives().keySet();
    Set<String> sessions = archives.isEmpty() ? Set.of() : new HashSet<>(in.tree().sessions());
    for (String archive : archives) {
      published += scan(archive, sessions);
    }
    if (published > 0) {
      LOG.info("{} batches found in the inbox and published", published);
    }
    return published;
  }

  private int scanMixed() throws IOException {
    List<PendingBatch> pending = mixed().pending();
    if (pending.isEmpty()) {
      return 0;
    }
    Set<String> sessions = new HashSet<>(in.tree().sessions());
    Map<String, Boolean> ours = new HashMap<>();
    List<PendingBatch> unknown =
        in.tree()
            .unpublished(
                in.session(),
                pending.stream()
                    .filter(
                        batch ->
                            ours.computeIfAbsent(batch.path(), path -> isOurs(batch, sessions)))
                    .toList());
    in.tree().publishAll(in.session(), unknown);
    unknown.forEach(batch -> counters.found());
    return unknown.size();
  }

  private int scan(String archive, Set<String> sessions) throws IOException {
    List<Path> closed = inbox.closed(archive);
    if (closed.isEmpty()) {
      return 0;
    }
    Set<String> known = new HashSet<>();
    for (PendingBatch batch : in.tree().pending(in.session(), ArchiveKey.of(archive))) {
      known.add(batch.path());
    }
    int published = 0;
    for (Path file : closed) {
      if (!known.contains(in.base().relative(file)) && publishIfOurs(archive, file, sessions)) {
        counters.found();
        published++;
      }
    }
    return published;
  }

  private boolean publishIfOurs(String archive, Path file, Set<String> sessions)
      throws IOException {
    Optional<PendingBatch> batch = describe(archive, file);
    if (batch.isEmpty() || !isOurs(batch.get(), sessions)) {
      return false;
    }
    in.tree().publish(in.session(), batch.get());
    return true;
  }

  private Optional<PendingBatch> describe(String archive, Path file) throws IOException {
    try {
      PendingBatch batch = inbox.describe(file);
      // One that names another archive is set aside by the merge of the one whose inbox it is in.
      boolean fits = batch.manifest().archive().equals(archive);
      return Optional.of(fits ? batch : unreadable(archive, file));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // Merged since the directory was listed.
    } catch (BadZipException e) {
      return Optional.of(unreadable(archive, file));
    }
  }

  /**
   * Stands for a file that does not say what it is, so that a merge looks at it and puts it into
   * quarantine: that is done under the claim only.
   */
  private PendingBatch unreadable(String archive, Path file) {
    String name = String.valueOf(file.getFileName());
    BatchName batch =
        BatchName.parse(name)
            .filter(BatchName::isSafe)
            .orElseGet(() -> new BatchName(ArchiveKey.of(name).hex(), 0));
    String id = Manifest.idOf(batch.worker(), batch.seq(), archive);
    Manifest manifest =
        new Manifest(
            Manifest.VERSION,
            id,
            in.session(),
            batch.worker(),
            batch.seq(),
            archive,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            null,
            null);
    return new PendingBatch(PendingBatch.VERSION, in.base().relative(file), 0, manifest);
  }

  private boolean isOurs(PendingBatch batch, Set<String> sessions) {
    String session = batch.manifest().session();
    if (session.equals(in.session()) || !sessions.contains(session)) {
      return true;
    }
    // A closed session merges no more; one on another base directory never sees this file.
    return !isServed(session);
  }

  private boolean isServed(String session) {
    try {
      return in.tree()
          .session(session)
          .filter(s -> s.state() != SessionState.CLOSED && isOnThisBase(s))
          .isPresent();
    } catch (TreeDamagedException e) {
      return false; // Nobody can join it, and one broken session must not hold up this one.
    }
  }

  private boolean isOnThisBase(SessionRecord session) {
    return session.baseId().equals(in.base().id());
  }
}
