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
    try (window;
        TarMembers members = new TarMembers(TarFormat.uncompressed(in), lanes.spareBlocks())) {
      long number = 0;
      for (TarMember member = members.next();
          member != null && tally.goesOn();
          member = members.next()) {
        take(members, member, number++);
        if (number % KICK == 0) {
          write();
        }
      }
    } catch (DepositException e) {
      tally.stop(e);
    } catch (IOException | RuntimeException e) {
      tally.stop(broken(e));
    }
    write();
    return tally.awaitResult();
  }

  /**
   * Has what was submitted written: by this thread, which has nothing better to do, unless it is
   * synced, since what comes meanwhile then shares the next sync.
   */
  public void write() {
    if (durability == Durability.FSYNC) {
      lanes.kick();
    } else {
      lanes.write(into.archive());
    }
  }

  private static DepositException broken(Exception e) {
    return new DepositException(
        Kind.REFUSED, "the tar stream cannot be read on: " + Failures.oneLine(e), e);
  }

  private void take(TarMembers members, TarMember member, long number) throws IOException {
    String name = member.bareName();
    if (name.isEmpty() && member.isDirectory()) {
      return; // The directory in which tar was run.
    }
    DepositId id = into.id() == null ? null : into.id().member(number);
    try {
      Attributes attributes = member.attributes();
      Target target = target(name, attributes);
      if (member.isHardLink()) {
        LinkWindow.Member meant = window.find(member.bareLink());
        submit(target, member, attributes, id, meant.contents(), meant.block());
      } else if (member.isSymlink()) {
        ByteBuffer link = StandardCharsets.UTF_8.encode(utf8(member.link(), "target"));
        submit(target, member, attributes, id, link, null);
      } else if (member.size() > Lanes.SMALL) {
        stream(members, target, member, attributes, id);
      } else {
        ByteBuffer contents = members.contents(member);
        if (!member.isDirectory()) {
          window.add(name, contents, members.block());
        }
        submit(target, member, attributes, id, contents, members.block());
      }
    } catch (BadTargetException e) {
      tally.refuse(member.name(), Failures.oneLine(e));
    } catch (DepositException e) {
      tally.fail(member.name(), e);
    }
  }

  private Target target(String name, Attributes attributes) throws BadTargetException {
    if (utf8(name, "name").startsWith("/")) {
      throw new BadTargetException("the name is absolute");
    }
    String bare = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    Target target =
        new Target(into.archive(), into.prefix() + bare + (attributes.isDirectory() ? "/" : ""));
    Target.checkEntry(target.entry()); // That of the archive was checked with the request.
    return target;
  }

  private static String utf8(String text, String what) throws BadTargetException {
    if (text.indexOf(REPLACEMENT) >= 0) {
      throw new BadTargetException("the " + what + " is not UTF-8");
    }
    return text;
  }

  private void submit(
      Target target,
      TarMember member,
      Attributes attributes,
      @Nullable DepositId id,
      ByteBuffer contents,
      @Nullable TarBlock block) {
    int size = contents.remaining();
    if (!tally.hasRoom(size)) {
      write();
    }
    lanes.submit(
        target,
        into.uid(),
        member.modified(),
        attributes,
        id,
        contents,
        durability,
        tally.begin(member.name(), size, block));
  }

  private void stream(
      TarMembers members,
      Target target,
      TarMember member,
      Attributes attributes,
      @Nullable DepositId id)
      throws IOException {
    write();
    long size = member.size();
    EntryStream entry =
        lanes.stream(target, into.uid(), member.modified(), attributes, id, size, durability);
    byte[] piece = new byte[PIECE];
    byte @Nullable [] kept = window.begin(size);
    boolean complete = false;
    try {
      long done = 0;
      while (done < size) {
        int n = members.read(piece, (int) Math.min(PIECE, size - done));
        if (n == 0) {
          throw new IOException(member.name() + " ends after " + done + " bytes");
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
      window.end(member.bareName(), kept);
    } finally {
      if (!complete) {
        window.discard(kept);
        entry.abort(); // Does nothing where it was the entry that failed.
      }
    }
  }
}
