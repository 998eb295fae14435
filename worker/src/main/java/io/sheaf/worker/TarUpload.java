package io.sheaf.worker;

import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.Lanes;
import io.sheaf.deposit.TarDeposit;
import io.sheaf.deposit.TarResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unpacks the body of a request, on a thread of its own, and answers it. */
final class TarUpload implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(TarUpload.class);
  private static final String ENTRIES = "X-Sheaf-Entries";
  private static final int CREATED = 201;
  private static final int UNPROCESSABLE = 422;

  private final Exchange exchange;
  private final TarDeposit deposit;
  private final TarDeposit.Into into;
  private final BodyPipe pipe;

  TarUpload(Lanes lanes, Exchange exchange, TarDeposit.Into into, Runnable relieved) {
    this.exchange = exchange;
    this.into = into;
    this.deposit = new TarDeposit(lanes, into);
    this.pipe = new BodyPipe(lanes.memory(), relieved, deposit::write);
  }

  BodyPipe sink() {
    return pipe;
  }

  @Override
  public void run() {
    try (pipe) {
      exchange.reply = reply(deposit.run(pipe));
      skipRest();
    } catch (RuntimeException | OutOfMemoryError e) {
      log.error("a tar stream for {} could not be taken", into.archive(), e);
      exchange.reply = Reply.line(500, "a mistake in the worker, see its log: " + e);
    }
    exchange.done(null);
    exchange.groupDone();
  }

  /** What follows the end of the tar, as its last block is filled up, belongs to the request. */
  private void skipRest() {
    Reply reply = exchange.reply;
    if (reply != null && (reply.status() == CREATED || reply.status() == UNPROCESSABLE)) {
      try {
        pipe.transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        log.debug("cut off after the end of a tar: {}", e.toString());
      }
    }
  }

  private static Reply reply(TarResult result) {
    DepositException failure = result.failure();
    if (failure != null) {
      String text = failure.getMessage() + "; entries that were kept: " + result.entries();
      return Reply.line(failure.kind().status(), text).with(ENTRIES, result.entries());
    }
    if (result.refusals() > 0) {
      return new Reply(UNPROCESSABLE, Reply.TEXT, "", lines(result))
          .with(ENTRIES, result.entries());
    }
    return Reply.empty(CREATED).with(ENTRIES, result.entries());
  }

  private static byte[] lines(TarResult result) {
    List<String> lines = result.refused();
    long more = result.refusals() - lines.size();
    String text = String.join("\n", lines) + "\n";
    String rest = more > 0 ? "and " + more + " more\n" : "";
    return (text + rest).getBytes(StandardCharsets.UTF_8);
  }
}
