package io.sheaf.cli;

import io.sheaf.adopt.Delivery;
import io.sheaf.archive.MergePolicy;
import io.sheaf.archive.OfflineRecovery;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.Inbox;
import io.sheaf.batch.MixedFile;
import io.sheaf.batch.MixedFiles;
import io.sheaf.batch.OpenSession;
import io.sheaf.conf.Access;
import io.sheaf.conf.Duplicates;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import io.sheaf.session.Reach;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.PendingBatch;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.Tree;
import io.sheaf.tree.TreeOptions;
import io.sheaf.tree.TreeUnreachableException;
import io.sheaf.worker.BrokenLocks;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who merges what was adopted: the coordinators of a session, when one is named or open on the base
 * directory, else this process. A session has its own parameters, and two who merge under different
 * ones would each do what the other must not.
 */
final class AdoptedMerge implements AutoCloseable {
  private final SheafCommand command;
  private final Settings settings;
  private final Disk disk;
  private final BaseDirectory base;
  private final MixedFiles mixed;
  private final @Nullable Tree tree;

  private AdoptedMerge(
      SheafCommand command,
      Settings settings,
      Disk disk,
      BaseDirectory base,
      MixedFiles mixed,
      @Nullable Tree tree) {
    this.mixed = mixed;
    this.command = command;
    this.settings = settings;
    this.disk = disk;
    this.base = base;
    this.tree = tree;
  }

  /**
   * Connects, when a session is named. While its ZooKeeper is away its leader will find what is
   * taken in.
   *
   * @throws NoSuchSessionException before anything is taken in
   */
  static AdoptedMerge of(
      SheafCommand command, Settings settings, Disk disk, BaseDirectory base, MixedFiles mixed)
      throws IOException {
    if (settings.find(Keys.SESSION).isEmpty()) {
      return new AdoptedMerge(command, settings, disk, base, mixed, null);
    }
    @Nullable Tree tree = null;
    try {
      tree = Tree.connect(TreeOptions.of(Reach.complete(settings, disk), Access.WORKER));
      requireThisBase(tree, settings.get(Keys.SESSION), base);
    } catch (TreeUnreachableException e) {
      command
          .err()
          .println("sheaf: " + Failures.line(e) + "; what is taken in waits for its leader");
    } catch (RuntimeException e) {
      if (tree != null) {
        tree.close();
      }
      throw e;
    }
    return new AdoptedMerge(command, settings, disk, base, mixed, tree);
  }

  private static void requireThisBase(Tree tree, String session, BaseDirectory base) {
    SessionRecord record =
        tree.session(session).orElseThrow(() -> new NoSuchSessionException(session, null));
    if (!record.baseId().equals(base.id())) {
      throw new FailedException(
          ExitStatus.FAILED,
          "session "
              + session
              + " works on the base directory "
              + record.base()
              + ", not on "
              + base.root()
              + ": give that one with --base");
    }
  }

  /** Has all merged that is pending, here or by who does that. */
  void run(AdoptionOutcome outcome) throws IOException, InterruptedException {
    if (settings.find(Keys.SESSION).isPresent()) {
      publishAll(outcome);
      return;
    }
    Optional<String> open = openSession();
    if (open.isPresent()) {
      outcome.note(
          "session "
              + open.get()
              + " is open here: its coordinators merge what is taken in, or 'sheaf session clean "
              + open.get()
              + "' if they are dead");
    } else if (BrokenLocks.found(disk, base).isPresent()) {
      throw new FailedException(
          ExitStatus.FAILED,
          "POSIX locks do not work on "
              + base.root()
              + " (see "
              + base.brokenLocks()
              + "): what is taken in is merged by a session, or by 'sheaf recover --salvage'");
    } else {
      merge(outcome);
    }
  }

  private Optional<String> openSession() throws IOException {
    OpenSession open = new OpenSession(disk, base);
    for (String name : open.names()) {
      if (open.find(name).isPresent()) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }

  private void merge(AdoptionOutcome outcome) throws IOException, InterruptedException {
    MergePolicy policy = MergePolicy.of(settings);
    Duplicates adopted =
        settings.isExplicit(Keys.DUPLICATES) ? policy.duplicates() : Duplicates.FIRST;
    OfflineRecovery recovery =
        new OfflineRecovery(
            disk,
            base,
            policy.adopting(adopted),
            WorkerId.create().toString(),
            Clock.systemUTC(),
            mixed);
    ProgressLine progress = new ProgressLine(command.err(), command.context.terminal());
    outcome.merged(
        recovery.run(
            settings.get(Keys.MERGE_THREADS),
            (done, of, last) ->
                progress.show(Text.count(done) + " of " + Text.count(of, "archive") + " done")));
    progress.end();
  }

  private void publishAll(AdoptionOutcome outcome) throws IOException {
    if (tree == null) {
      return;
    }
    List<PendingBatch> pending = new ArrayList<>();
    for (MixedFile file : mixed.files()) {
      if (BatchName.isAdopted(file.manifest().worker())) {
        pending.addAll(file.published(base));
      }
    }
    tell(pending);
    outcome.note("handed to session " + settings.get(Keys.SESSION) + ", which merges it");
  }

  /** Tells the session of what was delivered. */
  void publish(List<Delivery.Delivered> delivered) throws IOException {
    if (tree == null) {
      return;
    }
    List<PendingBatch> pending = new ArrayList<>();
    for (Delivery.Delivered each : delivered) {
      if (each.outcome() == Delivery.Outcome.TAKEN || each.outcome() == Delivery.Outcome.THERE) {
        pending.addAll(describe(each.path()));
      }
    }
    tell(pending);
  }

  private List<PendingBatch> describe(Path batch) throws IOException {
    try {
      return batch.startsWith(base.inbox(Manifest.MIXED))
          ? MixedFile.read(disk, batch).published(base)
          : List.of(new Inbox(disk, base).describe(batch));
    } catch (NoSuchFileException e) {
      return List.of(); // Merged in the meantime.
    }
  }

  private void tell(List<PendingBatch> all) {
    if (tree == null) {
      return;
    }
    try {
      tree.publishAll(
          settings.get(Keys.SESSION), tree.unpublished(settings.get(Keys.SESSION), all));
    } catch (TreeUnreachableException e) {
      command
          .err()
          .println("sheaf: " + Failures.line(e) + "; the leader will find what was taken in");
    }
  }

  @Override
  public void close() {
    if (tree != null) {
      tree.close();
    }
  }
}
