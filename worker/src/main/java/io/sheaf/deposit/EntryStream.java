package io.sheaf.deposit;

import io.sheaf.batch.EntryWriter;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An entry that is written piece by piece to a batch which it has alone. Every call waits for the
 * disk. Ends with {@link #commit}, {@link #abort} or the first call that throws. One thread at a
 * time.
 */
public final class EntryStream {
  private final Lanes lanes;
  private final BatchPool pool;
  private final ArchiveBatches archive;
  private final String name;
  private final Attributes attributes;
  private final @Nullable DepositId id;
  private final long size;
  private final QuotaCharge charge;
  private final Durability durability;
  private long written;
  private boolean named;
  private boolean ended;
  private @Nullable OpenBatch batch;
  private @Nullable Kept kept;
  private @Nullable EntryWriter writer;

  EntryStream(
      Lanes lanes,
      BatchPool pool,
      ArchiveBatches archive,
      String name,
      Attributes attributes,
      @Nullable DepositId id,
      long size,
      QuotaCharge charge,
      Durability durability) {
    this.lanes = lanes;
    this.pool = pool;
    this.archive = archive;
    this.name = name;
    this.attributes = attributes;
    this.id = id;
    this.size = size;
    this.charge = charge;
    this.durability = durability;
  }

  void begin(long modified) throws DepositException {
    begin(modified, null);
  }

  /**
   * As above.
   *
   * @param also where its contents are too; null for an entry that is nowhere else
   */
  void begin(long modified, @Nullable Kept also) throws DepositException {
    kept = also;
    try {
      named = lanes.isUnique() && archive.takeName(name, id);
      if (lanes.isUnique() && !named) {
        throw Lanes.conflict();
      }
      OpenBatch taken = pool.take(archive, durability == Durability.FSYNC);
      batch = taken;
      writer = taken.begin(pool.part(taken, archive), name, modified, attributes, id, size);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      throw failed(e);
    }
  }

  /** Adds contents; the buffer may be used again afterwards. */
  public void write(ByteBuffer piece) throws DepositException {
    EntryWriter to = writer();
    try {
      written += piece.remaining();
      lanes.checkSize(written);
      EntryKinds.checkContents(name, attributes, written);
      if (size >= 0 && written > size) {
        throw wrongSize();
      }
      if (size < 0) {
        charge.take(piece.remaining(), 0);
      }
      to.write(piece);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      throw failed(e);
    }
  }

  /** Ends the entry. When this returns it has the durability that was asked for. */
  public void commit() throws DepositException {
    EntryWriter from = writer();
    OpenBatch to = batch();
    try {
      if (size >= 0 && written != size) {
        throw wrongSize();
      }
      from.commit();
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      throw failed(e);
    }
    writer = null;
    if (kept != null) {
      to.keep(kept);
    }
    if (named) {
      to.keepName(archive, name);
    }
    DepositException failure = sync(to);
    end(failure);
    if (failure != null) {
      throw failure;
    }
  }

  private @Nullable DepositException sync(OpenBatch to) {
    if (durability != Durability.FSYNC) {
      return null;
    }
    try {
      to.sync(pool.disk(), pool.directory(to));
      return null;
    } catch (IOException e) {
      return Failures.unknown(e);
    }
  }

  /** Leaves nothing of the entry. Does nothing once it has ended. */
  public void abort() {
    if (!ended) {
      cutBack();
      end(new DepositException(Kind.FAILED, "the upload was given up"));
    }
  }

  private DepositException failed(Throwable e) {
    DepositException failure =
        e instanceof IOException io
            ? Failures.nothingKept(io)
            : Failures.mistake(archive.archive(), e);
    cutBack();
    end(failure);
    return failure;
  }

  private void cutBack() {
    charge.giveBack();
    if (named) {
      archive.freeName(name);
    }
    EntryWriter cut = writer;
    writer = null;
    if (cut == null) {
      return;
    }
    try {
      cut.abort();
    } catch (IOException e) {
      // The batch is broken now and knows it; it is sealed from what was committed.
    }
  }

  private void end(@Nullable DepositException failure) {
    ended = true;
    OpenBatch used = batch;
    batch = null;
    if (used != null) {
      pool.give(used);
    }
    lanes.count(1, written, failure);
    lanes.leave();
  }

  private EntryWriter writer() {
    EntryWriter open = writer;
    if (open == null) {
      throw new IllegalStateException("the entry has ended");
    }
    return open;
  }

  private OpenBatch batch() {
    OpenBatch open = batch;
    if (open == null) {
      throw new IllegalStateException("the entry has ended");
    }
    return open;
  }

  private DepositException wrongSize() {
    return new DepositException(
        Kind.REFUSED, "the contents do not have the " + size + " bytes that were announced");
  }
}
