package io.sheaf.tree;

import io.sheaf.tree.Znodes.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** The znodes of sessions. */
final class Sessions {
  private final Znodes znodes;
  private final Bulk bulk;
  private final TreeLayout layout;

  Sessions(Znodes znodes, Bulk bulk, TreeLayout layout) {
    this.znodes = znodes;
    this.bulk = bulk;
    this.layout = layout;
  }

  SessionRecord createOrJoin(SessionRecord wanted) {
    znodes.ensure(layout.sessions());
    SessionRecord there = find(wanted);
    requireSameBase(wanted, there);
    layout.parts(wanted.name()).forEach(znodes::ensure); // of a session that an older Sheaf made
    return there;
  }

  private SessionRecord find(SessionRecord wanted) {
    String path = layout.session(wanted.name());
    while (true) {
      Optional<Node> node = znodes.get(path);
      if (node.isEmpty()) {
        create(path, wanted);
      } else if (node.get().data().length == 0) {
        takeOver(path, wanted, node.get().stat().getVersion());
      } else {
        return Codec.SESSION.decode(node.get().data(), path);
      }
    }
  }

  /** All at once: nobody can make one of its parts first, with other rights. */
  private void create(String path, SessionRecord wanted) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put(path, Codec.SESSION.encode(wanted));
    layout.parts(wanted.name()).forEach(part -> all.put(part, new byte[0]));
    if (!znodes.createAll(all)) {
      znodes.ensure(layout.sessions()); // or somebody else has created it: look again
    }
  }

  /** A latch that outlived a removed session can leave an empty znode. */
  private void takeOver(String path, SessionRecord wanted, int version) {
    try {
      znodes.set(path, Codec.SESSION.encode(wanted), version);
    } catch (TreeDeniedException e) {
      throw new TreeConflictException(
          "session "
              + wanted.name()
              + " was removed just now, and what is left of it may be taken over by coordinators"
              + " only: start a coordinator, or try again in a minute",
          e);
    }
  }

  private static void requireSameBase(SessionRecord wanted, SessionRecord there) {
    if (!wanted.baseId().equals(there.baseId())) {
      throw new TreeConflictException(
          "session "
              + wanted.name()
              + " works on the base directory "
              + there.base()
              + " (id "
              + there.baseId()
              + "), not on "
              + wanted.base()
              + " (id "
              + wanted.baseId()
              + "): use that directory, or another session name",
          null);
    }
  }

  Optional<SessionRecord> get(String name) {
    String path = layout.session(name);
    return znodes
        .get(path)
        .filter(node -> node.data().length > 0)
        .map(node -> Codec.SESSION.decode(node.data(), path));
  }

  List<String> names() {
    List<String> paths =
        znodes.children(layout.sessions()).stream().sorted().map(layout::session).toList();
    List<String> names = new ArrayList<>();
    bulk.data(paths)
        .forEach(
            (path, bytes) -> {
              if (bytes.length > 0) {
                names.add(path.substring(path.lastIndexOf('/') + 1));
              }
            });
    return names;
  }

  /** True also when it was advanced while an answer was lost, for it may have been by us. */
  boolean advance(String name, SessionState from, SessionState to) {
    String path = layout.session(name);
    boolean tried = false;
    while (true) {
      Node node = znodes.get(path).orElseThrow(() -> new NoSuchSessionException(name, null));
      SessionRecord record = Codec.SESSION.decode(node.data(), path);
      if (record.state() != from) {
        return tried && record.state() == to;
      }
      byte[] next = Codec.SESSION.encode(record.withState(to));
      if (znodes.set(path, next, node.stat().getVersion())) {
        return true;
      }
      tried = true;
    }
  }

  void delete(String name) {
    znodes.deleteAll(layout.session(name));
  }

  Watch watch(String name, Consumer<Optional<SessionRecord>> listener) {
    AtomicReference<Optional<Optional<SessionRecord>>> last =
        new AtomicReference<>(Optional.empty());
    return Watched.start(
        znodes,
        layout.session(name),
        () -> get(name),
        now -> {
          // The watch fires for new children as well.
          if (!last.getAndSet(Optional.of(now)).equals(Optional.of(now))) {
            listener.accept(now);
          }
        });
  }
}
