package io.sheaf.deposit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The members of a tar stream, one after the other. Plain files and directories, which most of them
 * are, are read here, without a copy; whatever needs more than one header block, or is odd, by the
 * library.
 */
final class TarMembers implements AutoCloseable {
  private final TarBlocks blocks;

  /** Reads the member at hand; null when that is plain. */
  private @Nullable TarArchiveInputStream library;

  /** Whether the library has read what holds for all that follows. */
  private boolean libraryStays;

  private TarBlock block;
  private long left;

  TarMembers(InputStream in, SpareBlocks spare) {
    blocks = new TarBlocks(in, spare);
    block = blocks.block();
  }

  /**
   * The next member; null at the end of the archive.
   *
   * @throws IOException when the stream breaks off before that, or is no tar
   */
  @Nullable TarMember next() throws IOException {
    int padding = finish();
    // The library skips the padding itself.
    ByteBuffer peeked = blocks.take(padding + TarHeader.BLOCK);
    if (peeked.remaining() < padding + TarHeader.BLOCK) {
      throw new IOException("it ends without the blocks of zeros that end an archive");
    }
    ByteBuffer header = peeked.duplicate().position(peeked.position() + padding);
    if (TarHeader.isEnd(header)) {
      return null;
    }
    TarMember plain = libraryStays ? null : TarHeader.read(header);
    if (plain != null) {
      left = plain.size();
      return plain;
    }
    ByteBuffer again = libraryStays ? peeked : header;
    blocks.giveBack(again);
    TarPax pax = TarHeader.isExtended(header) ? pax(header, again.remaining()) : TarPax.NONE;
    libraryStays |= TarHeader.isGlobal(header);
    return readByLibrary(pax);
  }

  /** Looks at the records that follow an extended header. */
  private TarPax pax(ByteBuffer header, int before) throws IOException {
    long size = TarHeader.sizeOf(header);
    if (size < 0 || size > TarPax.LONGEST) {
      throw new IOException("an extended header has an impossible size");
    }
    ByteBuffer ahead = blocks.take(before + (int) size);
    blocks.giveBack(ahead);
    return TarPax.of(
        ahead.slice(ahead.position() + before, Math.max(0, ahead.remaining() - before)));
  }

  private TarMember readByLibrary(TarPax pax) throws IOException {
    if (library == null) {
      // Bytes of names that are not UTF-8 would be question marks under that name.
      library = new TarArchiveInputStream(blocks, StandardCharsets.ISO_8859_1.name());
    }
    TarArchiveEntry entry = library.getNextEntry();
    if (entry == null) {
      throw new IOException("it breaks off after a header");
    }
    return TarMember.of(entry, pax);
  }

  /** Goes to the end of the member at hand; returns how many bytes fill up its last block. */
  private int finish() throws IOException {
    if (library != null) {
      library.transferTo(OutputStream.nullOutputStream());
      library = libraryStays ? library : null;
    } else if (left > 0 && !blocks.pass(left)) {
      throw new IOException("it breaks off in a member");
    }
    left = 0;
    return (int) (-blocks.position() & TarHeader.BLOCK - 1);
  }

  /** All contents of the member at hand, which is small. They stay while {@link #block} is held. */
  ByteBuffer contents(TarMember member) throws IOException {
    int size = (int) member.size();
    ByteBuffer contents;
    if (library == null) {
      contents = blocks.take(size);
      block = blocks.block();
    } else {
      block = new TarBlock(library.readNBytes(size), null);
      contents = ByteBuffer.wrap(block.bytes);
    }
    left = 0;
    if (contents.remaining() != size) {
      throw new IOException(member.name() + " ends after " + contents.remaining() + " bytes");
    }
    return contents;
  }

  /** In which the contents are that were taken last. */
  TarBlock block() {
    return block;
  }

  /** Reads on in the contents of the member at hand; fewer bytes than asked for at their end. */
  int read(byte[] target, int length) throws IOException {
    if (library != null) {
      return library.readNBytes(target, 0, length);
    }
    int n = blocks.readNBytes(target, 0, (int) Math.min(left, length));
    left -= n;
    return n;
  }

  @Override
  public void close() {
    blocks.close();
  }
}
