package io.sheaf.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.OpenSession;
import io.sheaf.disk.Disk;
import io.sheaf.scavenge.SessionSummary;
import io.sheaf.tree.Role;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.Tree;
import io.sheaf.worker.Survivors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The sessions that ZooKeeper knows, and those that a base directory knows. */
public final class SessionList {
  private SessionList() {}

  /**
   * A session.
   *
   * @param state {@code open}, {@code draining} or {@code closed}; {@code left} when no member of
   *     it is alive
   * @param workers that are alive
   * @param coordinators that are alive
   * @param created milliseconds since the epoch
   * @param files that it merged, of one that is closed
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Item(
      String session,
      String state,
      long workers,
      long coordinators,
      String base,
      long created,
      @Nullable Long files) {}

  /**
   * Lists them, by name.
   *
   * @param tree null when there is no ZooKeeper to ask
   * @param base null when none is given
   */
  public static List<Item> of(Disk disk, @Nullable Tree tree, @Nullable BaseDirectory base)
      throws IOException {
    SortedMap<String, Item> found = new TreeMap<>();
    if (base != null) {
      for (String name : names(disk, base)) {
        inBase(disk, base, name).ifPresent(item -> found.put(name, item));
      }
    }
    if (tree != null) {
      for (String name : tree.sessions()) {
        tree.session(name).ifPresent(s -> found.put(name, inTree(tree, s)));
      }
    }
    return new ArrayList<>(found.values());
  }

  private static List<String> names(Disk disk, BaseDirectory base) throws IOException {
    List<String> names = new ArrayList<>(new OpenSession(disk, base).names());
    for (String file : disk.list(base.summaries())) {
      if (file.endsWith(".json")) {
        names.add(file.substring(0, file.length() - ".json".length()));
      }
    }
    return names;
  }

  private static Optional<Item> inBase(Disk disk, BaseDirectory base, String name)
      throws IOException {
    Optional<SessionRecord> open = new OpenSession(disk, base).find(name);
    if (open.isEmpty()) {
      return SessionSummary.read(disk, base, name)
          .map(s -> new Item(name, "closed", 0, 0, s.base(), s.created(), s.files()));
    }
    // Which of them are workers only ZooKeeper knows.
    boolean alive = !new Survivors(disk, base).of(name, List.of()).isEmpty();
    String root = base.root().toString();
    return Optional.of(
        new Item(name, alive ? "open" : "left", 0, 0, root, open.get().created(), null));
  }

  private static Item inTree(Tree tree, SessionRecord session) {
    int workers = tree.members(session.name(), Role.WORKER).size();
    int coordinators = tree.members(session.name(), Role.COORDINATOR).size();
    String state = session.state().name().toLowerCase(Locale.ROOT);
    return new Item(
        session.name(),
        workers + coordinators == 0 ? "left" : state,
        workers,
        coordinators,
        session.base(),
        session.created(),
        null);
  }
}
