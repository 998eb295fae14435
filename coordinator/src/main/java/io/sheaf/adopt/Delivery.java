package io.sheaf.adopt;

import io.sheaf.archive.Consumed;
import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.BatchFile;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.ForeignZip;
import io.sheaf.batch.Incoming;
import io.sheaf.batch.MixedFile;
import io.sheaf.batch.PlainCopy;
import io.sheaf.batch.Quarantine;
import io.sheaf.batch.Target;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Takes in one batch, or one zip of another program, that some transport brings: out of order,
 * twice, under any name. It is read to its end, checked as a whole, and durable in the inbox when
 * the sender hears so; then the sender may forget it. What is damaged is refused, for the sender
 * has it still.
 */
public final class Delivery {
  private static final int PIECE = 1 << 20;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Disk disk;
  private final BaseDirectory base;
  private final Incoming incoming;
  private final Consumed consumed;
  private final Clock clock;

  public Delivery(Disk disk, BaseDirectory base, Clock clock) {
    this.disk = disk;
    this.base = base;
    this.incoming = new Incoming(disk, base);
    this.consumed = new Consumed(disk, base);
    this.clock = clock;
  }

  /** What became of it. */
  public enum Outcome {
    /** It is in the inbox, to be merged. */
    TAKEN,
    /** It was in the inbox already. */
    THERE,
    /** It was merged before. */
    MERGED,
    /** It was merged before, with something in quarantine: there it is too, as a whole. */
    ASIDE
  }

  /**
   * What was delivered.
   *
   * @param name of the batch
   * @param path where it is in the inbox, if it was merged before where it would be
   */
  public record Delivered(String name, Path path, Outcome outcome) {}

  /** How a file is filled that is empty. */
  private interface Contents {
    void writeTo(DiskFile out) throws IOException;
  }

  /**
   * Takes in what a stream holds, to its end.
   *
   * @param what names it in messages
   * @param second since the epoch: when it was made, for what does not say so itself; 0 for now
   * @throws RefusedException when it is no whole batch or zip; nothing was taken
   */
  public Delivered deliver(InputStream in, String what, long second) throws IOException {
    return deliver(out -> copy(in, out), what, second);
  }

  /** As {@link #deliver(InputStream, String, long)}, a file, which is left where it is. */
  public Delivered deliver(Path file, String what, long second) throws IOException {
    try (DiskFile in = disk.openForRead(file)) {
      return deliver(out -> in.copyTo(out, 0, 0, in.size()), what, second);
    }
  }

  /** Takes in a batch of Sheaf's own, then removes the file. */
  void move(Path file, DiskFile open) throws IOException {
    Delivered unused = deliver(out -> open.copyTo(out, 0, 0, open.size()), String.valueOf(file), 0);
    disk.delete(file);
  }

  private static void copy(InputStream in, DiskFile out) throws IOException {
    byte[] piece = new byte[PIECE];
    long at = 0;
    for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
      out.write(ByteBuffer.wrap(piece, 0, n), at);
      at += n;
    }
  }

  private Delivered deliver(Contents contents, String what, long second) throws IOException {
    incoming.clean();
    try (Incoming.Slot slot = incoming.open(WorkerId.create().toString())) {
      contents.writeTo(slot.file());
      ForeignZip zip = ForeignZip.look(slot.file());
      return switch (zip.kind()) {
        case TORN -> throw new RefusedException(refusal(what, zip.problem()));
        case BATCH -> batch(slot, zip, what);
        case PLAIN, ODD -> foreign(slot, zip, what, second);
      };
    } catch (BadZipException e) {
      throw new RefusedException(refusal(what, String.valueOf(e.getMessage())));
    }
  }

  private static String refusal(String what, String problem) {
    return what + " is refused, nothing of it was taken: " + problem + "; send it again";
  }

  private Delivered batch(Incoming.Slot slot, ForeignZip zip, String what) throws IOException {
    Manifest manifest = Objects.requireNonNull(zip.manifest());
    check(slot, manifest, what);
    BatchName name = new BatchName(manifest.worker(), manifest.seq());
    Path target = base.inbox(manifest.archive()).resolve(name.file());
    while (!isMerged(slot, manifest)) {
      try {
        slot.publish(target);
        return new Delivered(name.file(), target, Outcome.TAKEN);
      } catch (FileAlreadyExistsException e) {
        Optional<Delivered> beside = beside(slot, zip, name, target);
        if (beside.isPresent()) {
          return beside.get();
        }
      }
    }
    return new Delivered(name.file(), target, Outcome.MERGED);
  }

  private void check(Incoming.Slot slot, Manifest manifest, String what) throws IOException {
    boolean mixed = manifest.archive().equals(Manifest.MIXED);
    if (mixed) {
      MixedFile.read(disk, slot.path());
    } else {
      BatchFile.read(disk, slot.path());
      checkArchive(manifest.archive(), what);
    }
    if (BatchName.isAdopted(manifest.worker())) {
      throw new RefusedException(refusal(what, "it says a worker that cannot be"));
    }
    if (crc(slot.file(), manifest.region()) != manifest.crc32c()) {
      throw new RefusedException(
          refusal(what, "its bytes are not those that its manifest sums up"));
    }
  }

  private static void checkArchive(String archive, String what) throws RefusedException {
    try {
      Target.checkArchive(archive);
    } catch (BadTargetException e) {
      throw new RefusedException(refusal(what, String.valueOf(e.getMessage())));
    }
  }

  private static int crc(DiskFile file, long length) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, length));
    for (long at = 0; at < length; at += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), length - at));
      file.readFully(piece, at);
      crc.update(piece.flip());
    }
    return (int) crc.getValue();
  }

  private boolean isMerged(Incoming.Slot slot, Manifest manifest) throws IOException {
    return manifest.archive().equals(Manifest.MIXED)
        ? consumed.has(MixedFile.read(disk, slot.path()))
        : consumed.has(manifest);
  }

  /**
   * The name is taken. By the same bytes: then these are made durable, for others may have put them
   * there. By others: the merge has to choose, and keeps what it does not choose.
   *
   * @return empty when what had it is gone by now: merged, or put aside for what it is
   */
  private Optional<Delivered> beside(
      Incoming.Slot slot, ForeignZip zip, BatchName name, Path target) throws IOException {
    try (DiskFile there = disk.openForWrite(target)) {
      if (ForeignZip.same(slot.file(), there)) {
        there.sync();
        disk.syncDirectory(InDirectory.of(target));
        return Optional.of(new Delivered(name.file(), target, Outcome.THERE));
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    BatchName copy = new BatchName("copy-0-" + zip.identity(), name.seq());
    Path second = target.resolveSibling(copy.file());
    try {
      slot.publish(second);
    } catch (FileAlreadyExistsException e) {
      disk.syncDirectory(InDirectory.of(second));
      return Optional.of(new Delivered(name.file(), second, Outcome.THERE));
    }
    return Optional.of(new Delivered(name.file(), second, Outcome.TAKEN));
  }

  private Delivered foreign(Incoming.Slot slot, ForeignZip zip, String what, long second)
      throws IOException {
    String bad = zip.firstBad();
    if (!bad.isEmpty()) {
      throw new RefusedException(refusal(what, bad));
    }
    long when = second > 0 ? second : clock.millis() / 1000;
    BatchName name = BatchName.adopted(zip.identity(), when);
    try (DiskLock alone = AdoptersLock.lock(disk, base, PATIENCE)) {
      Optional<Delivered> found = Optional.empty();
      while (found.isEmpty()) {
        alone.ensureValid();
        found = foreign(slot, zip, name);
      }
      return found.get();
    }
  }

  /** Empty when what waited is gone by now: merged, or put aside for what it is. */
  private Optional<Delivered> foreign(Incoming.Slot slot, ForeignZip zip, BatchName name)
      throws IOException {
    KnownZips known = KnownZips.read(disk, base);
    Optional<Path> there = known.pending(name.worker());
    if (there.isPresent()) {
      return there(slot, name, there.get(), zip.kind());
    }
    if (known.isInQuarantine(name.worker())) {
      return Optional.of(aside(slot, name));
    }
    Path target = base.inbox(Manifest.MIXED).resolve(name.file());
    if (known.isRetired(name.worker())) {
      return Optional.of(new Delivered(name.file(), target, Outcome.MERGED));
    }
    place(slot, zip, name, target);
    return Optional.of(new Delivered(name.file(), target, Outcome.TAKEN));
  }

  private void place(Incoming.Slot slot, ForeignZip zip, BatchName name, Path target)
      throws IOException {
    if (zip.kind() == ForeignZip.Kind.PLAIN) {
      slot.publish(target);
      return;
    }
    try (Incoming.Slot plain = incoming.open(name.file())) {
      new PlainCopy(slot.file(), zip, plain.file(), Delivery::refuse).run();
      plain.publish(target);
    }
  }

  /** Every entry holds; what else there is in it, nobody has asked for, and the sender has it. */
  private static void refuse(String ending, long position, long length, String reason)
      throws BadZipException {
    throw new BadZipException(reason + " (from its byte " + position + " on)");
  }

  private Delivered aside(Incoming.Slot slot, BatchName name) throws IOException {
    Path kept = base.quarantine(Manifest.MIXED).resolve(name.file());
    if (disk.stat(kept).isPresent()) {
      try (DiskFile before = disk.openForRead(kept)) {
        if (ForeignZip.same(slot.file(), before)) {
          return new Delivered(name.file(), kept, Outcome.MERGED);
        }
      }
    }
    slot.file().sync();
    Quarantine.Item item =
        new Quarantine(disk, base)
            .link(
                Manifest.MIXED,
                name.file(),
                slot.path(),
                "a zip that was merged before, of which something is in quarantine: this copy");
    return new Delivered(name.file(), item.path(), Outcome.ASIDE);
  }

  /** The one that waits may have been renamed there, as its writer left it: it is made durable. */
  private Optional<Delivered> there(
      Incoming.Slot slot, BatchName name, Path there, ForeignZip.Kind kind) throws IOException {
    try (DiskFile other = disk.openForWrite(there)) {
      if (kind == ForeignZip.Kind.PLAIN && !ForeignZip.same(slot.file(), other)) {
        throw new BadZipException(
            "another zip with the same directory waits to be merged: one of them is damaged");
      }
      other.sync();
      disk.syncDirectory(InDirectory.of(there));
      return Optional.of(new Delivered(name.file(), there, Outcome.THERE));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
