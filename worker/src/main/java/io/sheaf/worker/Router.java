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
import io.sheaf.deposit.Lanes;
import java.util.function.Supplier;

/** Decides from the head of a request what it is: a deposit, a look at the status, or wrong. */
final class Router {
  private static final String STATUS = "/_status";

  private final Lanes lanes;
  private final Supplier<byte[]> status;
  private final TarDoor tars;

  Router(Lanes lanes, Supplier<byte[]> status, TarDoor tars) {
    this.lanes = lanes;
    this.status = status;
    this.tars = tars;
  }

  /** Sets the exchange's target, or answers it. */
  void route(HttpRequest request, Exchange exchange) {
    if (HttpMethod.PUT.equals(request.method())) {
      put(request, exchange);
    } else if (!HttpMethod.GET.equals(request.method())) {
      exchange.answer(
          Responses.NOT_ALLOWED, "only PUT /ARCHIVE.zip/ENTRY and GET " + STATUS + " are served");
    } else if (request.uri().equals(STATUS)) {
      exchange.json = status.get();
      exchange.answer(Responses.OK, "");
    } else {
      exchange.answer(
          Responses.NOT_FOUND, "there is only " + STATUS + " to get; sheaf cat reads entries");
    }
  }

  private void put(HttpRequest request, Exchange exchange) {
    try {
      HttpHeaders headers = request.headers();
      exchange.expectsContinue = expectsContinue(headers);
      RequestUri uri = RequestUri.of(request.uri());
      if (uri.has(TarDoor.EXTRACT)) {
        tars.open(uri, headers, exchange);
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
    } catch (BadTargetException e) {
      exchange.answer(Kind.REFUSED.status(), text(e));
    } catch (UnmetExpectationException e) {
      exchange.answer(Responses.EXPECTATION_FAILED, text(e));
    } catch (DepositException e) {
      exchange.answer(e.kind().status(), text(e));
    }
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
