package io.sheaf.nio;

import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.DepositStream;
import io.sheaf.deposit.Depositor;
import io.sheaf.zip.Attributes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An entry that is written. Up to a mebibyte is kept until the close, so that attributes can be
 * given until then, and the deposit can be sent again when the worker is lost; more goes to the
 * worker as it comes.
 */
final class DepositOutput extends EntryOutput {
  private static final int SMALL = 1 << 20;

  private final Depositor to;
  private final GivenAttributes given;
  private final @Nullable Durability durability;
  private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();
  private @Nullable DepositStream stream;

  DepositOutput(
      Writers writers,
      Place place,
      Depositor to,
      GivenAttributes given,
      @Nullable Durability durability) {
    super(writers, place);
    this.to = to;
    this.given = given;
    this.durability = durability;
  }

  @Override
  synchronized boolean change(GivenAttributes change) {
    if (isEnded() || stream != null) {
      return false;
    }
    given.add(change);
    return true;
  }

  private DepositOptions options() {
    return given.options(Attributes.REGULAR, 0644).withDurability(durability);
  }

  @Override
  void send(byte[] bytes, int offset, int length) throws IOException {
    DepositStream begun = stream;
    if (begun == null && gathered.size() + length <= SMALL) {
      gathered.write(bytes, offset, length);
      return;
    }
    if (begun == null) {
      begun = to.open(place().target(), options());
      stream = begun;
      begun.write(gathered.toByteArray(), 0, gathered.size());
      gathered.reset();
    }
    begun.write(bytes, offset, length);
  }

  @Override
  void commit() throws IOException {
    if (stream == null) {
      to.deposit(place().target(), gathered.toByteArray(), options());
    } else {
      stream.close();
    }
  }

  @Override
  void giveUp() {
    if (stream != null) {
      stream.abort();
    }
  }
}
