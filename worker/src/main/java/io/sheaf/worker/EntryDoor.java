package io.sheaf.worker;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.deposit.DepositException;
import io.sheaf.worker.EntryView.Found;
import io.sheaf.worker.EntryView.Listed;
import io.sheaf.zip.Attributes;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /ARCHIVE.zip/ENTRY}, {@code HEAD}, and {@code GET /ARCHIVE.zip/DIR/?list}. */
final class EntryDoor {
  static final String LIST = "list";

  private static final Logger log = LoggerFactory.getLogger(EntryDoor.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MODIFIED = "X-Sheaf-Modified";
  private static final String MODE = "X-Sheaf-Mode";
  private static final String STATE = "X-Sheaf-State";
  private static final String OWNER = "X-Sheaf-Owner";
  private static final String BYTES = "application/octet-stream";

  /** Batches are sealed, and archives replaced, while they are looked at. */
  private static final int TRIES = 5;

  private final OpenEntries open;
  private final EntryView closed;
  private final WaitingThreads threads;

  /** A list takes memory for each entry in it: one at a time. */
  private final WaitingThreads lister;

  EntryDoor(OpenEntries open, EntryView closed, WaitingThreads threads, WaitingThreads lister) {
    this.open = open;
    this.closed = closed;
    this.threads = threads;
    this.lister = lister;
  }

  /** Answers later, from another thread. */
  void get(RequestUri uri, Exchange exchange) throws BadTargetException, DepositException {
    uri.allowOnly(LIST);
    boolean list = uri.has(LIST);
    Target target = list ? RequestTarget.within(uri.path()) : RequestTarget.parse(uri.path());
    (list ? lister : threads).execute(() -> answer(target, list, exchange));
  }

  private void answer(Target target, boolean list, Exchange exchange) {
    try {
      if (list) {
        exchange.reply = list(target);
      } else {
        find(target, exchange);
      }
    } catch (IOException | RuntimeException e) {
      log.warn("{} could not be read", target, e);
      exchange.reply = Reply.line(500, "it could not be read: " + e.getMessage());
    }
    exchange.done(null);
    exchange.groupDone();
  }

  private void find(Target target, Exchange exchange) throws IOException {
    Optional<Found> found = find(target);
    if (found.isEmpty()) {
      exchange.reply = Reply.line(Responses.NOT_FOUND, "there is no entry " + target);
      return;
    }
    Listed entry = found.get().entry();
    exchange.reply =
        new Reply(Responses.OK, BYTES, "", new byte[0])
            .with(MODIFIED, entry.modified() * 1000)
            .with(MODE, mode(entry))
            .with(STATE, entry.state());
    String owner = owner(entry);
    if (owner != null) {
      exchange.reply = exchange.reply.with(OWNER, owner);
    }
    exchange.outgoing = new Outgoing(found.get().contents(), entry.size(), threads);
  }

  private static String mode(Listed entry) {
    return Integer.toOctalString(entry.attributes().mode());
  }

  /** As a deposit gives it; null when it is not recorded. */
  private static @Nullable String owner(Listed entry) {
    Attributes of = entry.attributes();
    return of.hasOwner()
        ? Integer.toUnsignedString(of.uid()) + ':' + Integer.toUnsignedString(of.gid())
        : null;
  }

  private Optional<Found> find(Target target) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        Optional<Found> found = open.find(target.archive(), target.entry());
        return found.isPresent() ? found : closed.find(target.archive(), target.entry());
      } catch (NoSuchFileException e) {
        if (tries == TRIES) {
          throw e;
        }
      }
    }
  }

  /** Of a directory: its entries, and the directories that they lie in. */
  private Reply list(Target within) throws IOException {
    String directory = within.entry().substring(0, within.entry().length() - 1);
    Map<String, Listed> names = new TreeMap<>();
    boolean isThere = false;
    List<Listed> first = open.list(within.archive(), directory);
    for (List<Listed> each : List.of(first, closed.list(within.archive(), directory))) {
      for (Listed entry : each) {
        isThere = true;
        add(names, entry, entry.name().substring(directory.length()));
      }
    }
    return isThere
        ? Reply.json(JSON.writeValueAsBytes(Map.of("entries", lines(names))))
        : Reply.line(
            Responses.NOT_FOUND, "there is nothing in " + within.archive() + "/" + directory);
  }

  private static void add(Map<String, Listed> names, Listed entry, String name) {
    int slash = name.indexOf('/');
    if (name.isEmpty()) {
      return; // The directory itself.
    }
    if (slash < 0 || slash == name.length() - 1) {
      names.merge(name, entry, (there, later) -> isImplied(there) ? later : there);
    } else {
      Listed implied =
          new Listed("", 0, entry.modified(), Attributes.PLAIN_DIRECTORY, entry.state());
      names.putIfAbsent(name.substring(0, slash + 1), implied);
    }
  }

  private static boolean isImplied(Listed directory) {
    return directory.name().isEmpty();
  }

  /** A line of the answer. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Line(
      String name, long size, long modified, String mode, @Nullable String owner, String state) {}

  private static List<Line> lines(Map<String, Listed> names) {
    return names.entrySet().stream().map(e -> line(e.getKey(), e.getValue())).toList();
  }

  private static Line line(String name, Listed entry) {
    return new Line(
        name, entry.size(), entry.modified() * 1000, mode(entry), owner(entry), entry.state());
  }
}
