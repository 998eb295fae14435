package io.sheaf.worker;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.handler.codec.http.HttpHeaders;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.Lanes;
import io.sheaf.deposit.OthersFile;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /_pickup}: the worker reads a file of the client's itself. */
final class PickupDoor {
  static final String PATH = "/_pickup";

  private static final Logger log = LoggerFactory.getLogger(PickupDoor.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final Lanes lanes;
  private final WaitingThreads threads;

  PickupDoor(Lanes lanes, WaitingThreads threads) {
    this.lanes = lanes;
    this.threads = threads;
  }

  /** What is asked for. */
  private record Wanted(
      @Nullable String path,
      @Nullable String target,
      @Nullable Boolean remove,
      @Nullable String durability,
      boolean links) {}

  /** Answers later, once the body is there, from another thread. */
  void open(HttpHeaders headers, Exchange exchange) throws DepositException {
    if (!lanes.refusing().isEmpty()) {
      throw new DepositException(Kind.UNAVAILABLE, lanes.refusing());
    }
    exchange.durability = EntryHeaders.durability(headers);
    String id = headers.get(EntryHeaders.ID);
    if (id != null) {
      EntryHeaders.id(headers);
    }
    exchange.takeBody(new SmallBody(body -> threads.execute(() -> answer(body, id, exchange))));
  }

  private void answer(byte[] body, @Nullable String id, Exchange exchange) {
    try {
      pickUp(body, id, exchange);
      exchange.done(null);
    } catch (DepositException e) {
      exchange.done(e);
    } catch (IOException e) {
      exchange.done(new DepositException(Kind.REFUSED, String.valueOf(e.getMessage()), e));
    } catch (RuntimeException e) {
      log.error("a file could not be picked up", e);
      exchange.done(new DepositException(Kind.FAILED, "a mistake in the worker, see its log", e));
    }
    exchange.groupDone();
  }

  private void pickUp(byte[] body, @Nullable String id, Exchange exchange) throws IOException {
    Wanted wanted;
    try {
      wanted = JSON.readValue(body, Wanted.class);
    } catch (IOException e) {
      throw new DepositException(
          Kind.REFUSED,
          "the body must be JSON: {\"path\": \"/FILE\", \"target\": \"A.zip/ENTRY\"}",
          e);
    }
    if (wanted.path() == null || wanted.target() == null) {
      throw new DepositException(Kind.REFUSED, "path and target are missing");
    }
    boolean remove = wanted.remove() == null || wanted.remove();
    Durability given =
        wanted.durability() == null
            ? exchange.durability
            : EntryHeaders.durability(wanted.durability());
    OthersFile file = new OthersFile(exchange.uid, absolute(wanted.path()), wanted.links());
    file.pickUp(lanes, wanted.target(), remove ? Durability.FSYNC : given, remove, id);
  }

  private static Path absolute(String text) throws DepositException {
    try {
      Path path = Path.of(text);
      if (path.isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw new DepositException(Kind.REFUSED, text.replace('\0', '?') + " is no path", e);
    }
    throw new DepositException(Kind.REFUSED, text + " is not absolute");
  }
}
