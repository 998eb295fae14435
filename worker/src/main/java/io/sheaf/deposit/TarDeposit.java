package io.sheaf.deposit;

import io.sheaf.batch.BadTargetException;
import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Makes entries of the members of a tar stream: small ones go through the lanes without waiting for
 * each other, large ones are written as they come. One stream, one thread, which waits for the
 * stream and for the disk.
 */
public final class TarDeposit {
  /** What a name is decoded to where it is not UTF-8. */
  private static final char REPLACEMENT = '\uFFFD';

  /** After so many members the lanes get to work, though more have come already. */
  private static final int KICK = 256;

  private static final int PIECE = 256 << 10;

  private final Lanes lanes;
  private final Into into;
  private final Durability durability;
  private final TarTally tally;
  private final LinkWindow window;

  /**
   * Where the members go.
   *
   * @param prefix of their names, empty or with a slash at its end
   * @param uid of whoever deposits them
   * @param durability null for the default
   * @param id of the whole, of which that of each member follows; null for none
   */
  public record Into(
      String archive,
      String prefix,
      int uid,
      @Nullable Durability durability,
      @Nullable DepositId id) {}

  public TarDeposit(Lanes lanes, Into into) {
    this.lanes = lanes;
    this.into = into;
    this.durability = lanes.atLeastWritten(into.durability());
    this.tally = new TarTally(lanes.memory());
    this.window = new LinkWindow(lanes.linkMemory());
  }

  /**
   * Takes all members, until the stream ends or no more can be taken. When this returns, those that
   * are counted have their durability.
   *
   * @param in compressed by gzip or zstd, or not
   */
  public TarResult run(InputStream in) {
    try (window) {
      TarArchiveInputStream tar =
          new TarArchiveInputStream(TarFormat.uncompressed(in), StandardCharsets.UTF_8.name());
      long number = 0;
      for (TarArchiveEntry member = tar.getNextEntry();
          member != null && tally.goesOn();
          member = tar.getNextEntry()) {
        take(tar, member, number++);
        if (number % KICK == 0) {
          lanes.kick();
        }
      }
    } catch (DepositException e) {
      tally.stop(e);
    } catch (IOException | RuntimeException e) {
      tally.stop(broken(e));
    }
    lanes.kick();
    return tally.awaitResult();
  }

  private static DepositException broken(Exception e) {
    return new DepositException(
        Kind.REFUSED, "the tar stream cannot be read on: " + Failures.oneLine(e), e);
  }

  private void take(TarArchiveInputStream tar, TarArchiveEntry member, long number)
      throws IOException {
    String name = withoutDots(member.getName());
    if (name.isEmpty() && member.isDirectory()) {
      return; // The directory in which tar was run.
    }
    DepositId id = into.id() == null ? null : into.id().member(number);
    try {
      Attributes attributes = attributes(member);
      Target target = target(name, attributes);
      if (member.isLink()) {
        byte[] same = window.find(withoutDots(member.getLinkName()));
        submit(target, member, attributes, id, same);
      } else if (member.isSymbolicLink()) {
        byte[] link = member.getLinkName().getBytes(StandardCharsets.UTF_8);
        submit(target, member, attributes, id, link);
      } else if (size(member) > Lanes.SMALL) {
        stream(tar, target, member, attributes, id);
      } else {
        byte[] contents = contents(tar, member);
        window.add(name, contents);
        submit(target, member, attributes, id, contents);
      }
    } catch (BadTargetException e) {
      tally.refuse(member.getName(), Failures.oneLine(e));
    } catch (DepositException e) {
      tally.fail(member.getName(), e);
    }
  }

  private static byte[] contents(TarArchiveInputStream tar, TarArchiveEntry member)
      throws IOException {
    int size = (int) size(member);
    byte[] contents = tar.readNBytes(size);
    if (contents.length != size) {
      throw new IOException(member.getName() + " ends after " + contents.length + " bytes");
    }
    return contents;
  }

  private static long size(TarArchiveEntry member) {
    if (member.isDirectory()) {
      return 0;
    }
    return member.isSparse() ? member.getRealSize() : member.getSize();
  }

  /** As tar's own members are named where it was told to take the directory that it is in. */
  private static String withoutDots(String name) {
    int start = 0;
    while (name.startsWith("./", start)) {
      start += 2;
      while (name.startsWith("/", start)) {
        start++;
      }
    }
    String rest = name.substring(start);
    return rest.equals(".") ? "" : rest;
  }

  private Target target(String name, Attributes attributes) throws BadTargetException {
    if (name.indexOf(REPLACEMENT) >= 0) {
      throw new BadTargetException("the name is not UTF-8");
    }
    if (name.startsWith("/")) {
      throw new BadTargetException("the name is absolute");
    }
    String bare = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    Target target =
        new Target(into.archive(), into.prefix() + bare + (attributes.isDirectory() ? "/" : ""));
    target.check();
    return target;
  }

  private static Attributes attributes(TarArchiveEntry member) throws DepositException {
    int mode = member.getMode() & Attributes.PERMISSIONS;
    return Attributes.of(kind(member) | mode)
        .withOwner(number(member.getLongUserId()), number(member.getLongGroupId()));
  }

  private static int number(long id) throws DepositException {
    if (id < 0 || id > 0xFFFFFFFFL) {
      throw new DepositException(Kind.REFUSED, "its owner's number " + id + " is no user's");
    }
    return (int) id;
  }

  private static int kind(TarArchiveEntry member) throws DepositException {
    if (member.isDirectory()) {
      return Attributes.DIRECTORY;
    }
    return switch (member.getLinkFlag()) {
      case TarConstants.LF_SYMLINK -> Attributes.SYMLINK;
      case TarConstants.LF_OLDNORM,
          TarConstants.LF_NORMAL,
          TarConstants.LF_LINK,
          TarConstants.LF_CONTIG,
          TarConstants.LF_GNUTYPE_SPARSE ->
          Attributes.REGULAR;
      case TarConstants.LF_CHR, TarConstants.LF_BLK ->
          throw new DepositException(Kind.REFUSED, "it is a device");
      case TarConstants.LF_FIFO -> throw new DepositException(Kind.REFUSED, "it is a FIFO");
      default ->
          throw new DepositException(
              Kind.REFUSED, "it is of kind '" + (char) member.getLinkFlag() + "'");
    };
  }

  private void submit(
      Target target,
      TarArchiveEntry member,
      Attributes attributes,
      @Nullable DepositId id,
      byte[] contents) {
    if (!tally.hasRoom(contents.length)) {
      lanes.kick();
    }
    lanes.submit(
        target,
        into.uid(),
        modified(member),
        attributes,
        id,
        ByteBuffer.wrap(contents),
        durability,
        tally.begin(member.getName(), contents.length));
  }

  private static long modified(TarArchiveEntry member) {
    return member.getLastModifiedTime().toMillis();
  }

  private void stream(
      TarArchiveInputStream tar,
      Target target,
      TarArchiveEntry member,
      Attributes attributes,
      @Nullable DepositId id)
      throws IOException {
    lanes.kick();
    long size = size(member);
    EntryStream entry =
        lanes.stream(target, into.uid(), modified(member), attributes, id, size, durability);
    byte[] piece = new byte[PIECE];
    byte @Nullable [] kept = window.begin(size);
    boolean complete = false;
    try {
      long done = 0;
      while (done < size) {
        int n = tar.readNBytes(piece, 0, (int) Math.min(PIECE, size - done));
        if (n == 0) {
          throw new IOException(member.getName() + " ends after " + done + " bytes");
        }
        if (kept != null) {
          System.arraycopy(piece, 0, kept, (int) done, n);
        }
        entry.write(ByteBuffer.wrap(piece, 0, n));
        done += n;
      }
      entry.commit();
      complete = true;
      tally.taken();
      window.end(withoutDots(member.getName()), kept);
    } finally {
      if (!complete) {
        window.discard(kept);
        entry.abort(); // Does nothing where it was the entry that failed.
      }
    }
  }
}
