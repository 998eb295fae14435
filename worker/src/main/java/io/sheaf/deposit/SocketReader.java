package io.sheaf.deposit;

import io.sheaf.conf.Settings;
import io.sheaf.zip.Attributes;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what was deposited, over the socket of a worker: entries that are open with it, pending
 * with any worker, or merged. May be used by several threads.
 */
public final class SocketReader implements Closeable {
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;

  /** Of an answer that says why not. */
  private static final int MAX_REASON = 8 << 10;

  private static final int MAX_IDLE = 8;

  private final Path socket;
  private final WorkerTrust trust;

  /** Under the lock on this. */
  private final Deque<ReadWire> idle = new ArrayDeque<>();

  private boolean closed;

  private SocketReader(Path socket, WorkerTrust trust) {
    this.socket = socket;
    this.trust = trust;
  }

  /** As {@link SocketDepositor#connect(Settings)}; connects when something is asked for. */
  public static SocketReader of(Settings settings) throws IOException {
    return new SocketReader(settings.socket(), WorkerTrust.of(settings));
  }

  /** What an entry is; empty when there is none of that name. */
  public Optional<EntryStat> stat(String target) throws IOException {
    Answer answer = ask("HEAD", target, "");
    if (answer.head().status() == NOT_FOUND) {
      answer.wire().end(true);
      return Optional.empty();
    }
    requireOk(answer, target, false);
    boolean understood = false;
    try {
      EntryStat stat = statOf(target, answer);
      understood = true;
      return Optional.of(stat);
    } finally {
      answer.wire().end(understood); // An answer to HEAD has no body.
    }
  }

  /** The contents of an entry, to be closed; empty when there is none of that name. */
  public Optional<EntryContents> open(String target) throws IOException {
    Answer answer = ask("GET", target, "");
    if (!isThere(answer, target)) {
      return Optional.empty();
    }
    return Optional.of(new EntryContents(answer.wire(), statOf(target, answer)));
  }

  /**
   * What is in a directory, or in an archive itself: entries, and directories that only lie on the
   * way to some; empty when there is nothing of that name.
   */
  public Optional<List<EntryStat>> list(String directory) throws IOException {
    String slashed = directory.endsWith("/") ? directory : directory + "/";
    Answer answer = ask("GET", slashed, "?list");
    if (!isThere(answer, slashed)) {
      return Optional.empty();
    }
    try (EntryContents json = body(slashed, answer)) {
      return Optional.of(Listing.read(json));
    }
  }

  private static EntryContents body(String target, Answer answer) throws IOException {
    EntryStat stat = new EntryStat(target, answer.head().length(), 0, Attributes.FILE, "");
    return new EntryContents(answer.wire(), stat);
  }

  private static boolean isThere(Answer answer, String target) throws IOException {
    if (answer.head().status() == NOT_FOUND) {
      String unused = reason(answer, target);
      return false;
    }
    requireOk(answer, target, true);
    return true;
  }

  private static void requireOk(Answer answer, String target, boolean body) throws IOException {
    int status = answer.head().status();
    if (status != OK) {
      String reason = body ? reason(answer, target) : "";
      answer.wire().end(false);
      throw new DepositException(
          DepositException.Kind.ofStatus(status),
          reason.isEmpty() ? "the worker answered " + status + " for " + target : reason);
    }
  }

  private static String reason(Answer answer, String target) throws IOException {
    try (EntryContents text = body(target, answer)) {
      return new String(text.readNBytes(MAX_REASON), StandardCharsets.UTF_8).strip();
    }
  }

  private static EntryStat statOf(String target, Answer answer) throws IOException {
    ReadWire.Head head = answer.head();
    String modified = head.header(DepositHeaders.MODIFIED.toLowerCase(Locale.ROOT));
    String mode = head.header(DepositHeaders.MODE.toLowerCase(Locale.ROOT));
    String owner = head.header(DepositHeaders.OWNER.toLowerCase(Locale.ROOT));
    try {
      return new EntryStat(
          target,
          head.length(),
          Long.parseLong(modified),
          Listing.attributes(mode, owner),
          head.header("x-sheaf-state"));
    } catch (NumberFormatException e) {
      throw new IOException("the worker did not say what " + target + " is", e);
    }
  }

  private record Answer(ReadWire wire, ReadWire.Head head) {}

  /** On a connection that is there; when it turns out to be gone, once more on a new one. */
  private Answer ask(String method, String target, String query) throws IOException {
    StringBuilder request = new StringBuilder(160).append(method).append(" /");
    RequestHead.escape(target, request);
    request.append(query).append(" HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ReadWire known = pollIdle();
    if (known != null) {
      try {
        return new Answer(known, known.ask(request.toString()));
      } catch (IOException e) {
        known.close(); // The worker may have been started anew since.
      }
    }
    ReadWire wire = ReadWire.connect(socket, trust, this::reuse);
    try {
      return new Answer(wire, wire.ask(request.toString()));
    } catch (IOException e) {
      wire.close();
      throw new DepositException(
          DepositException.Kind.UNAVAILABLE,
          "the connection to the worker at " + socket + " was lost: " + Failures.oneLine(e),
          e);
    }
  }

  private synchronized @Nullable ReadWire pollIdle() throws IOException {
    if (closed) {
      throw new IOException("the reader is closed");
    }
    return idle.poll();
  }

  private synchronized void reuse(ReadWire wire) {
    if (closed || idle.size() == MAX_IDLE) {
      wire.close();
    } else {
      idle.push(wire);
    }
  }

  /** Ends the connections that are idle; contents that are being read may be read to their end. */
  @Override
  public synchronized void close() {
    closed = true;
    idle.forEach(ReadWire::close);
    idle.clear();
  }
}
