package io.sheaf.worker;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositHeaders;
import io.sheaf.deposit.Lanes;
import io.sheaf.deposit.LogRequest;
import java.util.function.Supplier;

/** Decides from the head of a request what it is, and to which door it goes. */
final class Router {
  private static final String STATUS = "/_status";

  /** What the paths of the worker's own begin with. */
  private static final String OWN = "/_";

  private final Lanes lanes;
  private final Supplier<byte[]> status;
  private final Doors doors;

  Router(Lanes lanes, Supplier<byte[]> status, Doors doors) {
    this.lanes = lanes;
    this.status = status;
    this.doors = doors;
  }

  /** Where requests go that are more than one entry; each door answers, now or later. */
  record Doors(TarDoor tars, EntryDoor entries, PickupDoor pickups, FlushDoor flushes) {}

  /** Sets the exchange's target, or answers it, or has it answered. */
  void route(HttpRequest request, Exchange exchange) {
    try {
      exchange.headOnly = HttpMethod.HEAD.equals(request.method());
      if (!Protocol.isSpoken(request.headers())) {
        exchange.answer(Protocol.NOT_SPOKEN, Protocol.refusal());
      } else if (HttpMethod.PUT.equals(request.method())) {
        put(request, exchange);
      } else if (HttpMethod.POST.equals(request.method()) && AppendQuery.isAppend(request.uri())) {
        append(request, exchange);
      } else if (HttpMethod.POST.equals(request.method())) {
        post(RequestUri.of(request.uri()), request.headers(), exchange);
      } else if (HttpMethod.GET.equals(request.method()) || exchange.headOnly) {
        get(request, exchange);
      } else {
        exchange.answer(
            Responses.NOT_ALLOWED, "only PUT, GET, HEAD and POST are served; see docs/protocol.md");
      }
    } catch (BadTargetException e) {
      exchange.answer(Kind.REFUSED.status(), text(e));
    } catch (UnmetExpectationException e) {
      exchange.answer(Responses.EXPECTATION_FAILED, text(e));
    } catch (DepositException e) {
      exchange.answer(e.kind().status(), text(e));
    }
  }

  private void get(HttpRequest request, Exchange exchange)
      throws BadTargetException, DepositException {
    if (request.uri().equals(STATUS)) {
      exchange.json = status.get();
      exchange.answer(Responses.OK, "");
    } else if (request.uri().startsWith(OWN)) {
      exchange.answer(Responses.NOT_FOUND, "there is only " + STATUS + " to get under " + OWN);
    } else {
      doors.entries().get(RequestUri.of(request.uri()), exchange);
    }
  }

  private void post(RequestUri uri, HttpHeaders headers, Exchange exchange)
      throws DepositException, UnmetExpectationException {
    exchange.expectsContinue = expectsContinue(headers);
    if (uri.path().equals(PickupDoor.PATH)) {
      doors.pickups().open(headers, exchange);
    } else if (uri.path().equals(FlushDoor.PATH)) {
      doors.flushes().open(uri, exchange);
    } else {
      exchange.answer(
          Responses.NOT_ALLOWED,
          "there is only "
              + PickupDoor.PATH
              + " and "
              + FlushDoor.PATH
              + " to post to; PUT deposits an entry");
    }
  }

  private void put(HttpRequest request, Exchange exchange)
      throws BadTargetException, DepositException, UnmetExpectationException {
    HttpHeaders headers = request.headers();
    exchange.expectsContinue = expectsContinue(headers);
    RequestUri uri = RequestUri.of(request.uri());
    if (uri.has(TarDoor.EXTRACT)) {
      doors.tars().open(uri, headers, exchange);
      return;
    }
    Target target = RequestTarget.parse(request.uri());
    EntryHeaders.read(headers, target.isDirectory(), exchange);
    exchange.target = target;
    if (!lanes.refusing().isEmpty()) {
      throw new DepositException(Kind.UNAVAILABLE, lanes.refusing());
    }
    lanes.checkKind(target, exchange.attributes, exchange.length);
    lanes.checkSize(exchange.length);
    lanes.checkQuota(target, exchange.uid, exchange.length);
  }

  /** Reads what log is asked for; the connection opens it and passes the body on to it. */
  private static void append(HttpRequest request, Exchange exchange)
      throws BadTargetException, DepositException, UnmetExpectationException {
    HttpHeaders headers = request.headers();
    exchange.expectsContinue = expectsContinue(headers);
    AppendQuery query = AppendQuery.parse(request.uri());
    Target target = RequestTarget.parse(query.path());
    EntryHeaders.read(headers, target.isDirectory(), exchange);
    exchange.wantsPipe = headers.contains(DepositHeaders.PIPE);
    exchange.log =
        new LogRequest(
            target,
            exchange.uid,
            exchange.modified,
            exchange.attributes,
            exchange.durability,
            query.rule(),
            headers.get(DepositHeaders.ID),
            query.from(),
            query.number());
  }

  private static String text(Exception e) {
    String message = e.getMessage();
    return message == null ? "" : message;
  }

  private static boolean expectsContinue(HttpHeaders headers) throws UnmetExpectationException {
    String expect = headers.get(HttpHeaderNames.EXPECT);
    if (expect == null) {
      return false;
    }
    if (HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expect)) {
      return true;
    }
    throw new UnmetExpectationException("the only expectation that is met is 100-continue");
  }

  /** An Expect header that is not understood (RFC 9110, 10.1.1). */
  private static final class UnmetExpectationException extends Exception {
    private static final long serialVersionUID = 1;

    UnmetExpectationException(String reason) {
      super(reason);
    }
  }
}
