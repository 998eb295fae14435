package io.sheaf.batch;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.tree.Manifest;
import io.sheaf.tree.PendingBatch;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EndRecord;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A closed batch that holds parts of several archives.
 *
 * <pre>
 * region     local header, contents …   each named ar.zip/rel/path, with its part in an own field
 *            .sheaf/archives.json       the parts: {@link PartList}
 * directory  the records of a part, those of the next …, the record of the list
 * end        the manifest of the whole as archive comment
 * </pre>
 *
 * Its bytes may be of any part's archive until all of them are committed there.
 */
public final class MixedFile {
  private static final int PIECE = 1 << 20;

  private final Path path;
  private final long size;
  private final Manifest manifest;
  private final long directoryAt;
  private final Map<String, PartList.Part> parts;
  private final @Nullable AdoptedListing adopted;

  /** Thousands of archives ask for their records in it, as long as there is memory. */
  private volatile SoftReference<ByteBuffer> recent = new SoftReference<>(null);

  private MixedFile(
      Path path,
      long size,
      Manifest manifest,
      long directoryAt,
      List<PartList.Part> parts,
      @Nullable AdoptedListing adopted) {
    this.adopted = adopted;
    this.path = path;
    this.size = size;
    this.manifest = manifest;
    this.directoryAt = directoryAt;
    this.parts = new LinkedHashMap<>();
    parts.forEach(part -> this.parts.put(part.archive(), part));
  }

  /**
   * Reads what a batch of several archives says of itself: its end and the list of its parts. The
   * sum over its directory is checked. A zip of another program, which its name tells, says nothing
   * of itself; what can be said of it follows from its name and its directory.
   *
   * @throws BadZipException when it is damaged or no such batch; reading again is no use
   */
  public static MixedFile read(Disk disk, Path path) throws IOException {
    BatchFile.requireRegular(disk, path);
    Optional<BatchName> name = BatchName.parse(String.valueOf(path.getFileName()));
    try (DiskFile file = disk.openForRead(path)) {
      EndRecord end = EndRecord.read(file);
      if (name.isPresent() && BatchName.isAdopted(name.get().worker())) {
        return adopted(path, file, end, name.get());
      }
      Manifest manifest = ManifestComment.decode(end.comment());
      Long list = manifest.parts();
      if (!manifest.archive().equals(Manifest.MIXED) || list == null) {
        throw new BadZipException("it is a batch of one archive, among those of several");
      }
      if (manifest.region() != end.directoryOffset() || manifest.entries() + 1 != end.entries()) {
        throw new BadZipException("the manifest and the end record disagree");
      }
      if (crc(file, end) != manifest.directoryCrc()) {
        throw new BadZipException("its central directory is not what its manifest sums up");
      }
      return new MixedFile(
          path,
          file.size(),
          manifest,
          end.directoryOffset(),
          parts(file, end, manifest, list),
          null);
    }
  }

  private static MixedFile adopted(Path path, DiskFile file, EndRecord end, BatchName name)
      throws IOException {
    ByteBuffer directory = directory(file, end.directoryOffset(), end.directoryLength());
    AdoptedListing listing = AdoptedListing.of(directory);
    return adopted(path, file.size(), name, end.directoryOffset(), directory, listing);
  }

  /** As one of another program under its name in the inbox, of which all was read. */
  static MixedFile adopted(
      Path path,
      long size,
      BatchName name,
      long directoryAt,
      ByteBuffer directory,
      AdoptedListing listing) {
    Manifest manifest = listing.manifest(name, directoryAt, Crc32c.of(directory));
    MixedFile adopted = new MixedFile(path, size, manifest, directoryAt, listing.parts(), listing);
    adopted.recent = new SoftReference<>(directory);
    return adopted;
  }

  private static ByteBuffer directory(DiskFile file, long position, long length)
      throws IOException {
    if (length > Integer.MAX_VALUE - 16) {
      throw new BadZipException("a central directory of more than 2 GiB");
    }
    ByteBuffer directory = ByteBuffer.allocate((int) length);
    file.readFully(directory, position);
    return directory.flip();
  }

  private static int crc(DiskFile file, EndRecord end) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, end.directoryLength()));
    for (long done = 0; done < end.directoryLength(); done += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), end.directoryLength() - done));
      file.readFully(piece, end.directoryOffset() + done);
      crc.update(piece.flip());
    }
    return (int) crc.getValue();
  }

  private static List<PartList.Part> parts(
      DiskFile file, EndRecord end, Manifest manifest, long listAt) throws IOException {
    long length = manifest.region() - listAt;
    if (listAt < 0 || length < ZipFormat.LOCAL_LENGTH || length > Integer.MAX_VALUE - 16) {
      throw new BadZipException("its list of archives lies outside of it");
    }
    ByteBuffer entry = ByteBuffer.allocate((int) length);
    file.readFully(entry, listAt);
    entry.flip();
    byte[] json = contents(entry);
    long records = end.directoryLength() - recordLength(entry, listAt);
    return PartList.decode(json, manifest, listAt, records).parts();
  }

  private static byte[] contents(ByteBuffer entry) throws BadZipException {
    LocalHeader header = new LocalHeader();
    boolean right =
        header.read(entry, 0) == LocalHeader.Found.HEADER
            && isList(header)
            && header.method() == ZipFormat.STORED
            && header.length() + header.compressedSize() == entry.limit();
    if (!right) {
      throw new BadZipException("its list of archives is not where its manifest says");
    }
    ByteBuffer contents = entry.slice(header.length(), entry.limit() - header.length());
    CRC32 crc = new CRC32();
    crc.update(contents.duplicate());
    if ((int) crc.getValue() != header.crc()) {
      throw new BadZipException("the checksum of its list of archives does not hold");
    }
    byte[] json = new byte[contents.remaining()];
    contents.get(json);
    return json;
  }

  static boolean isList(LocalHeader header) {
    return StandardCharsets.UTF_8.decode(header.name()).toString().equals(PartList.NAME);
  }

  /** Of the list in the directory: it was written from the same header. */
  private static long recordLength(ByteBuffer entry, long offset) {
    LocalHeader header = new LocalHeader();
    header.read(entry, 0);
    int extra = header.length() - ZipFormat.LOCAL_LENGTH - PartList.NAME.length();
    int wide = offset >= ZipFormat.IN_ZIP64 ? 4 + Long.BYTES : 0;
    return (long) ZipFormat.DIRECTORY_LENGTH + PartList.NAME.length() + extra + wide;
  }

  public Path path() {
    return path;
  }

  /** Of the file in bytes. */
  public long size() {
    return size;
  }

  /** Of the batch as a whole. */
  public Manifest manifest() {
    return manifest;
  }

  /** Whether the manifest sums up the bytes: see {@link BatchFile#isSummed}. */
  public boolean isSummed() {
    return adopted == null;
  }

  /** The archives of which it holds a part, in the order of the list. */
  public Set<String> archives() {
    return Collections.unmodifiableSet(parts.keySet());
  }

  /** The sequence number of an archive's part; empty when it has none. */
  public OptionalLong seq(String archive) {
    PartList.@Nullable Part part = parts.get(archive);
    return part == null ? OptionalLong.empty() : OptionalLong.of(part.seq());
  }

  /** The manifest of an archive's part. */
  public Optional<Manifest> part(String archive) {
    return Optional.ofNullable(parts.get(archive)).map(part -> manifest(manifest, part));
  }

  /** What is published of it, an archive after the other. */
  public List<PendingBatch> published(BaseDirectory base) {
    return parts.values().stream()
        .map(
            part ->
                new PendingBatch(
                    PendingBatch.VERSION, base.relative(path), size, manifest(manifest, part)))
        .toList();
  }

  static Manifest manifest(Manifest whole, PartList.Part part) {
    return new Manifest(
        whole.version(),
        Manifest.idOf(whole.worker(), part.seq(), part.archive()),
        whole.session(),
        whole.worker(),
        part.seq(),
        part.archive(),
        part.entries(),
        part.bytes(),
        part.region(),
        part.crc32c(),
        part.directoryCrc(),
        whole.opened(),
        whole.closed(),
        whole.salvaged(),
        null);
  }

  /**
   * An archive's part, to be merged: of the directory only its records are read. Empty when it has
   * none.
   *
   * @throws BadZipException when these are not what the list says
   */
  public Optional<BatchFile> open(Disk disk, String archive) throws IOException {
    PartList.@Nullable Part part = parts.get(archive);
    if (part == null) {
      return Optional.empty();
    }
    if (adopted != null) {
      return Optional.of(
          batch(
              part,
              adopted.records(archive, wholeDirectory(disk), MixedPart.prefixOf(archive).length)));
    }
    ByteBuffer records = ByteBuffer.allocate(Math.toIntExact(part.length()));
    try (DiskFile file = disk.openForRead(path)) {
      file.readFully(records, directoryAt + part.offset());
    }
    CRC32C crc = new CRC32C();
    crc.update(records.flip().duplicate());
    if ((int) crc.getValue() != part.directoryCrc()) {
      throw new BadZipException("the records of " + archive + " are not what its list sums up");
    }
    return Optional.of(batch(part, withoutPrefix(records, MixedPart.prefixOf(archive), part)));
  }

  private BatchFile batch(PartList.Part part, ByteBuffer records) {
    long end = manifest.parts() == null ? manifest.region() : manifest.parts();
    return new BatchFile(path, size, manifest(manifest, part), records, end, true);
  }

  private ByteBuffer wholeDirectory(Disk disk) throws IOException {
    @Nullable ByteBuffer known = recent.get();
    if (known == null) {
      known = readDirectory(disk);
      recent = new SoftReference<>(known);
    }
    return known;
  }

  private ByteBuffer readDirectory(Disk disk) throws IOException {
    try (DiskFile file = disk.openForRead(path)) {
      EndRecord end = EndRecord.read(file);
      ByteBuffer directory = directory(file, end.directoryOffset(), end.directoryLength());
      if (end.directoryOffset() != directoryAt || Crc32c.of(directory) != manifest.directoryCrc()) {
        throw new BadZipException("its central directory is not what it was a moment ago");
      }
      return directory;
    }
  }

  /**
   * Entries that no archive gets.
   *
   * @param position of the local header
   * @param length of header and contents
   */
  public record Stranger(long position, long length, String reason) {}

  /** The entries of a zip of another program whose names say no archive; Sheaf's own have none. */
  public List<Stranger> strangers(Disk disk) throws IOException {
    if (adopted == null || !adopted.hasStrangers()) {
      return List.of();
    }
    ByteBuffer directory = wholeDirectory(disk);
    try (DiskFile file = disk.openForRead(path)) {
      return adopted.strangers(file, directory, manifest.region());
    }
  }

  /**
   * Why the batch must not be deleted, although all its parts are dealt with: the first bytes that
   * are of no entry, or of two; empty when there are none.
   */
  public String uncovered(Disk disk) throws IOException {
    try (DiskFile file = disk.openForRead(path)) {
      ByteBuffer directory =
          ByteBuffer.allocate(Math.toIntExact(EndRecord.read(file).directoryLength()));
      file.readFully(directory, directoryAt);
      return new EntryCoverage(file, directory.flip(), manifest.region()).firstHole();
    }
  }

  private static ByteBuffer withoutPrefix(ByteBuffer records, byte[] prefix, PartList.Part part)
      throws BadZipException {
    DirectoryBuilder own = new DirectoryBuilder(records.remaining());
    DirectoryCursor record = new DirectoryCursor(records);
    int n = prefix.length;
    while (record.next()) {
      int from = record.nameFrom();
      if (record.nameLength() <= n
          || !Arrays.equals(record.nameArray(), from, from + n, prefix, 0, n)) {
        throw new BadZipException(
            "a record of another archive is among those of " + part.archive());
      }
      own.addWithoutPrefix(record, n);
    }
    if (own.entries() != part.entries()) {
      throw new BadZipException("the number of records of " + part.archive() + " is not as listed");
    }
    return own.bytes();
  }
}
