package io.sheaf.worker;

import io.netty.handler.codec.http.HttpHeaders;
import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.Lanes;
import io.sheaf.deposit.TarDeposit;
import java.util.Set;

/** {@code PUT /ARCHIVE.zip/PREFIX/?extract=tar}. */
final class TarDoor {
  static final String EXTRACT = "extract";

  /** How it is compressed is seen by its first bytes, whatever the request says. */
  private static final Set<String> FORMATS = Set.of("tar", "tar.gz", "tar.zst");

  private final Lanes lanes;
  private final WaitingThreads threads;

  TarDoor(Lanes lanes, WaitingThreads threads) {
    this.lanes = lanes;
    this.threads = threads;
  }

  /** Has the body unpacked, which will come. */
  void open(RequestUri uri, HttpHeaders headers, Exchange exchange)
      throws BadTargetException, DepositException {
    uri.allowOnly(EXTRACT);
    if (!FORMATS.contains(String.valueOf(uri.get(EXTRACT)))) {
      throw new DepositException(
          Kind.REFUSED, "extract must be tar; tar.gz and tar.zst are unpacked too");
    }
    Target first = RequestTarget.within(uri.path());
    String prefix = first.entry().substring(0, first.entry().length() - 1);
    exchange.durability = EntryHeaders.durability(headers);
    exchange.id = EntryHeaders.id(headers);
    if (!lanes.refusing().isEmpty()) {
      throw new DepositException(Kind.UNAVAILABLE, lanes.refusing());
    }
    TarDeposit.Into into =
        new TarDeposit.Into(
            first.archive(), prefix, exchange.uid, exchange.durability, exchange.id);
    TarUpload upload = new TarUpload(lanes, exchange, into, exchange::relieved);
    exchange.target = first;
    exchange.upload = new TarBody(upload.sink(), exchange);
    threads.execute(upload);
  }
}
