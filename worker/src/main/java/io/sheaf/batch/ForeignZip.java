package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.ContentsCheck;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EndRecord;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.PlainEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A zip file that came from elsewhere: whether its writer has closed it, whether it can be taken in
 * as it is, and by what it is known when it comes again.
 */
public final class ForeignZip {
  private static final int PIECE = 1 << 20;

  /**
   * Bytes of the identity: so much of a SHA-512/256, which costs less than SHA-256 as long as the
   * JVM has not compiled it in the best way.
   */
  private static final int IDENTITY = 10;

  /** What there is to do with it. */
  public enum Kind {
    /** A closed batch of Sheaf's own: it goes where its manifest says. */
    BATCH,
    /** Closed, and plain: it is taken as it is. */
    PLAIN,
    /** Closed, with entries that not every reader reads alike: it is written anew. */
    ODD,
    /** Without a directory that can be read: its writer is at work, or died. */
    TORN
  }

  private final DiskFile file;
  private final Kind kind;
  private final long region;
  private final ByteBuffer directory;
  private final @Nullable Manifest manifest;
  private final String problem;
  private @Nullable String identity;
  private @Nullable AdoptedListing listing;

  private ForeignZip(
      DiskFile file,
      Kind kind,
      long region,
      ByteBuffer directory,
      @Nullable Manifest manifest,
      String problem) {
    this.file = file;
    this.kind = kind;
    this.region = region;
    this.directory = directory;
    this.manifest = manifest;
    this.problem = problem;
  }

  /**
   * Looks at the end of a file.
   *
   * @param file open for reading as long as this is used
   * @throws NewerManifestException when it is a batch of a newer Sheaf
   */
  public static ForeignZip look(DiskFile file) throws IOException {
    ByteBuffer none = ByteBuffer.allocate(0);
    try {
      EndRecord end = EndRecord.read(file);
      ByteBuffer directory = directory(file, end);
      Manifest manifest = manifest(end);
      Kind kind = manifest != null ? Kind.BATCH : kind(directory, end.entries());
      return new ForeignZip(file, kind, end.directoryOffset(), directory, manifest, "");
    } catch (NewerManifestException e) {
      throw e;
    } catch (BadZipException e) {
      return new ForeignZip(
          file, Kind.TORN, file.size(), none, null, String.valueOf(e.getMessage()));
    }
  }

  private static ByteBuffer directory(DiskFile file, EndRecord end) throws IOException {
    if (end.directoryLength() > Integer.MAX_VALUE - 16) {
      throw new BadZipException("a central directory of more than 2 GiB");
    }
    ByteBuffer directory = ByteBuffer.allocate((int) end.directoryLength());
    file.readFully(directory, end.directoryOffset());
    return directory.flip();
  }

  private static @Nullable Manifest manifest(EndRecord end) throws NewerManifestException {
    if (end.comment().length == 0 || end.comment()[0] != '{') {
      return null;
    }
    try {
      return ManifestComment.decode(end.comment());
    } catch (NewerManifestException e) {
      throw e;
    } catch (BadZipException e) {
      return null;
    }
  }

  private static Kind kind(ByteBuffer directory, long said) throws BadZipException {
    DirectoryCursor record = new DirectoryCursor(directory);
    boolean plain = true;
    long entries = 0;
    while (record.next()) {
      plain &= PlainEntry.is(record);
      entries++;
    }
    if (entries != said) {
      throw new BadZipException("it says " + said + " entries and has " + entries);
    }
    return plain ? Kind.PLAIN : Kind.ODD;
  }

  public Kind kind() {
    return kind;
  }

  /** Why its directory cannot be read; empty when it can. */
  public String problem() {
    return problem;
  }

  /** Of a batch of Sheaf's own; null for others. */
  public @Nullable Manifest manifest() {
    return manifest;
  }

  /** Where the entries end. */
  long region() {
    return region;
  }

  /** As it stands in the file. */
  ByteBuffer directory() {
    return directory.duplicate();
  }

  /**
   * What the zip is known by, in hexadecimal: the same for the same zip under any name. Of a plain
   * one the directory counts, which has name, size, checksum and place of each entry; of others
   * every byte.
   */
  public String identity() throws IOException {
    String known = identity == null ? findIdentity() : identity;
    identity = known;
    return known;
  }

  private String findIdentity() throws IOException {
    MessageDigest digest = sha512();
    digest.update((kind + " " + region + "\0").getBytes(StandardCharsets.US_ASCII));
    if (kind == Kind.PLAIN) {
      digest.update(directory.duplicate());
    } else {
      ByteBuffer piece = ByteBuffer.allocate(PIECE);
      long size = file.size();
      for (long at = 0; at < size; at += piece.limit()) {
        piece.clear().limit((int) Math.min(PIECE, size - at));
        file.readFully(piece, at);
        digest.update(piece.flip());
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, IDENTITY);
  }

  /**
   * Finds out what will be asked of a plain one, ahead of time.
   *
   * @throws BadZipException never for a plain one
   */
  public void prepare() throws IOException {
    if (kind == Kind.PLAIN) {
      String unused = identity();
      listing = AdoptedListing.of(directory);
    }
  }

  /** A plain one, of so many bytes, as what it is under its name in the inbox. */
  public MixedFile asMixed(Path path, BatchName name, long size) throws IOException {
    AdoptedListing known = listing == null ? AdoptedListing.of(directory) : listing;
    return MixedFile.adopted(path, size, name, region, directory, known);
  }

  /** Whether two files hold the same bytes. */
  public static boolean same(DiskFile a, DiskFile b) throws IOException {
    long size = a.size();
    boolean same = size == b.size();
    ByteBuffer one = ByteBuffer.allocate(PIECE);
    ByteBuffer other = ByteBuffer.allocate(PIECE);
    for (long at = 0; same && at < size; at += PIECE) {
      int n = (int) Math.min(PIECE, size - at);
      a.readFully(one.clear().limit(n), at);
      b.readFully(other.clear().limit(n), at);
      same = one.flip().equals(other.flip());
    }
    return same;
  }

  private static MessageDigest sha512() {
    try {
      return MessageDigest.getInstance("SHA-512/256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-512/256", e);
    }
  }

  /**
   * Reads every entry of a closed zip, inflating what is deflated.
   *
   * @return what is wrong with the first that does not hold, in a line; empty when all do
   */
  public String firstBad() throws IOException {
    ContentsCheck contents = new ContentsCheck();
    DirectoryCursor record = new DirectoryCursor(directory);
    while (record.next()) {
      LocalHeader local = new LocalHeader();
      boolean holds =
          LocalHeaders.read(file, record.offset(), region, local) == LocalHeader.Found.HEADER
              && record.compressedSize() >= 0
              && record.compressedSize() <= region - record.offset() - local.length()
              && contents.holds(
                  file,
                  record.offset() + local.length(),
                  record.method(),
                  record.compressedSize(),
                  record.size(),
                  record.crc());
      if (!holds) {
        return "the checksum of an entry does not hold: the one at byte " + record.offset();
      }
    }
    return "";
  }
}
