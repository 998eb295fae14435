package io.sheaf.worker;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.DepositHeaders;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.Lanes;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Decides from the head of a request what it is: a deposit, a look at the status, or wrong. */
final class Router {
  private static final String STATUS = "/_status";
  private static final AsciiString DURABILITY = AsciiString.of(DepositHeaders.DURABILITY);
  private static final AsciiString MODIFIED = AsciiString.of(DepositHeaders.MODIFIED);

  private final Lanes lanes;
  private final Supplier<byte[]> status;

  Router(Lanes lanes, Supplier<byte[]> status) {
    this.lanes = lanes;
    this.status = status;
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
      exchange.durability = durability(headers.get(DURABILITY));
      exchange.modified = modified(headers.get(MODIFIED));
      Target target = RequestTarget.parse(request.uri());
      exchange.target = target;
      if (!lanes.refusing().isEmpty()) {
        throw new DepositException(Kind.UNAVAILABLE, lanes.refusing());
      }
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

  private static @Nullable Durability durability(@Nullable String text) throws DepositException {
    if (text == null) {
      return null;
    }
    try {
      return Durability.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new DepositException(
          Kind.REFUSED, DepositHeaders.DURABILITY + " must be none, write or fsync", e);
    }
  }

  private static long modified(@Nullable String text) throws DepositException {
    if (text == null) {
      return DepositOptions.NOW;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new DepositException(
          Kind.REFUSED, DepositHeaders.MODIFIED + " must be milliseconds since the epoch", e);
    }
  }

  /** An Expect header that is not understood (RFC 9110, 10.1.1). */
  private static final class UnmetExpectationException extends Exception {
    private static final long serialVersionUID = 1;

    UnmetExpectationException(String reason) {
      super(reason);
    }
  }
}
