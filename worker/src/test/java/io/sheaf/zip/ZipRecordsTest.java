package io.sheaf.zip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Headers as they are written and read again. */
class ZipRecordsTest {
  private static final long GIB4 = 1L << 32;
  private static final long NOW = 1_700_000_000_000L;

  @Provide
  Arbitrary<Long> numbers() {
    return Arbitraries.oneOf(
        Arbitraries.of(0L, 1L, GIB4 - 2, GIB4 - 1, GIB4, GIB4 + 1, 1L << 40),
        Arbitraries.longs().between(0, 1L << 50));
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMinLength(1).ofMaxLength(40),
        Arbitraries.of("ä".repeat(32_000), "n".repeat(65_437), "日本/語.txt"));
  }

  private static EntryHeader header(
      String name, long modified, long compressed, long size, boolean room) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return new EntryHeader(bytes, ZipFormat.STORED, modified, 0x89abcdef, compressed, size, room);
  }

  @Property(tries = 300)
  void aLocalHeaderSaysWhatWasWritten(
      @ForAll("names") String name,
      @ForAll("numbers") long compressed,
      @ForAll("numbers") long size,
      @ForAll boolean room) {
    EntryHeader written = header(name, 1_700_000_000_000L, compressed, size, room);
    ByteBuffer bytes = ByteBuffer.allocate(written.localLength() + 3);
    written.encodeLocal(bytes);
    assertThat(bytes.position()).isEqualTo(written.localLength());
    LocalHeader read = new LocalHeader();
    assertThat(read.read(bytes.flip(), 0)).isEqualTo(LocalHeader.Found.HEADER);
    assertThat(read.length()).isEqualTo(written.localLength());
    assertThat(read.name()).isEqualTo(ByteBuffer.wrap(written.name()));
    assertThat(read.size()).isEqualTo(size);
    assertThat(read.compressedSize()).isEqualTo(compressed);
    assertThat(read.crc()).isEqualTo(0x89abcdef);
    assertThat(read.modified()).isEqualTo(1_700_000_000L);
    assertThat(read.zip64Complete()).isTrue();
    assertThat(read.extraWellFormed()).isTrue();
    bytes.limit(written.localLength() - 1);
    assertThat(new LocalHeader().read(bytes, 0)).isEqualTo(LocalHeader.Found.PARTIAL);
  }

  @Provide
  Arbitrary<Attributes> attributes() {
    Arbitrary<Integer> owners =
        Arbitraries.oneOf(
            Arbitraries.of(0, 1, 1000, 65_533, 65_534, 65_535, 65_536, Integer.MIN_VALUE, -2, -1),
            Arbitraries.integers());
    return Combinators.combine(Arbitraries.integers().between(0, 0xFFFF), owners, owners)
        .as(Attributes::new);
  }

  @Property(tries = 300)
  void bothHeadersHaveModeAndOwnerAndTheLocalOneTheId(
      @ForAll("names") String name,
      @ForAll("attributes") Attributes attributes,
      @ForAll long high,
      @ForAll long low,
      @ForAll boolean named)
      throws BadZipException {
    DepositId id = named ? new DepositId(high, low) : null;
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    EntryHeader written = new EntryHeader(bytes, 0, NOW, 1, 2, 2, false, 0, attributes, id);
    ByteBuffer header = ByteBuffer.allocate(written.localLength());
    written.encodeLocal(header);
    assertThat(header.hasRemaining()).isFalse();
    LocalHeader local = new LocalHeader();
    assertThat(local.read(header.flip(), 0)).isEqualTo(LocalHeader.Found.HEADER);
    assertThat(local.attributes()).isEqualTo(attributes);
    assertThat(local.depositId()).isEqualTo(id);
    assertThat(local.modified()).isEqualTo(NOW / 1000);
    assertThat(local.extraWellFormed()).isTrue();
    assertThat(local.contradictsMode(attributes.mode())).isFalse();
    DirectoryBuilder directory = new DirectoryBuilder(0);
    directory.add(written, 0);
    DirectoryCursor record = directory.at(0);
    assertThat(record.attributes())
        .isEqualTo(
            attributes.mode() == 0
                ? Attributes.byName(name.endsWith("/"))
                    .withOwner(attributes.uid(), attributes.gid())
                : attributes);
    assertThat(record.extraWellFormed()).isTrue();
    assertThat(directory.length()).isLessThanOrEqualTo(0xFFFF);
  }

  /** The bytes of an archive of plain files are those that they always were. */
  @Test
  void aPlainFileTakesNoByteMore() {
    EntryHeader plain =
        new EntryHeader(new byte[] {'n'}, 0, NOW, 1, 2, 2, false, 0, Attributes.of(0100644), null);
    assertThat(plain.localLength()).isEqualTo(30 + 1 + 9);
    assertThat(plain.directoryLength(0)).isEqualTo(46 + 1 + 9);
  }

  @Test
  void aDamagedModeOrIdCountsAsNone() {
    DepositId id = DepositId.of("run-1");
    EntryHeader written =
        new EntryHeader(new byte[] {'n'}, 0, NOW, 1, 2, 2, false, 0, Attributes.of(0100600), id);
    ByteBuffer header = ByteBuffer.allocate(written.localLength());
    written.encodeLocal(header);
    for (int at = 31 + 9; at < header.limit(); at++) {
      for (int bit = 0; bit < 8; bit++) {
        header.put(at, (byte) (header.get(at) ^ 1 << bit));
        LocalHeader local = new LocalHeader();
        local.read(header.rewind(), 0);
        assertThat(local.attributes()).isIn(Attributes.of(0100600), Attributes.FILE);
        assertThat(local.depositId()).isIn(id, null);
        header.put(at, (byte) (header.get(at) ^ 1 << bit));
      }
    }
  }

  @Test
  void idsOfMembersDiffer() {
    DepositId id = DepositId.of("a");
    assertThat(id).isEqualTo(DepositId.of("a")).isNotEqualTo(DepositId.of("b"));
    assertThat(id.member(1)).isEqualTo(id.member(1)).isNotEqualTo(id.member(2)).isNotEqualTo(id);
    assertThat(DepositId.isName("A-z_0.9")).isTrue();
    assertThat(DepositId.isName("")).isFalse();
    assertThat(DepositId.isName("a b")).isFalse();
    assertThat(DepositId.isName("x".repeat(65))).isFalse();
  }

  @Property(tries = 300)
  void aDirectoryRecordSaysWhatWasWrittenAndMovedTwice(
      @ForAll("names") String name,
      @ForAll("numbers") long compressed,
      @ForAll("numbers") long size,
      @ForAll("numbers") long offset,
      @ForAll("numbers") long moved,
      @ForAll("numbers") long movedAgain)
      throws BadZipException {
    DirectoryBuilder first = new DirectoryBuilder(0);
    first.add(header("before", 0, 0, 0, false), 0);
    first.add(header(name, 1_700_000_000_000L, compressed, size, false), offset);
    check(first, name, compressed, size, offset);
    DirectoryBuilder second = moved(first, moved);
    check(second, name, compressed, size, moved);
    check(moved(second, movedAgain), name, compressed, size, movedAgain);
  }

  private static DirectoryBuilder moved(DirectoryBuilder from, long offset) throws BadZipException {
    DirectoryBuilder to = new DirectoryBuilder(0);
    DirectoryCursor cursor = new DirectoryCursor(from.bytes());
    cursor.next();
    to.addMoved(cursor, 7);
    cursor.next();
    to.addMoved(cursor, offset);
    return to;
  }

  private static void check(
      DirectoryBuilder directory, String name, long compressed, long size, long offset)
      throws BadZipException {
    assertThat(directory.entries()).isEqualTo(2);
    DirectoryCursor read = new DirectoryCursor(directory.bytes());
    assertThat(read.next()).isTrue();
    assertThat(read.next()).isTrue();
    assertThat(read.name()).isEqualTo(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)));
    assertThat(read.compressedSize()).isEqualTo(compressed);
    assertThat(read.size()).isEqualTo(size);
    assertThat(read.offset()).isEqualTo(offset);
    assertThat(read.crc()).isEqualTo(0x89abcdef);
    assertThat(read.modified()).isEqualTo(1_700_000_000L);
    assertThat(read.zip64Complete()).isTrue();
    assertThat(read.extraWellFormed()).isTrue();
    assertThat(read.next()).isFalse();
  }

  @Test
  void movingKeepsForeignExtraFieldsAndTheComment() throws BadZipException {
    byte[] extra = {0x34, 0x12, 2, 0, 7, 8};
    ByteBuffer record = ByteBuffer.allocate(46 + 1 + extra.length + 2);
    record.order(ByteOrder.LITTLE_ENDIAN).putInt(0, ZipFormat.DIRECTORY_SIGNATURE);
    record.putShort(28, (short) 1).putShort(30, (short) extra.length).putShort(32, (short) 2);
    record.put(46, (byte) 'n').put(47, extra).put(53, (byte) 'c').put(54, (byte) 'd');
    DirectoryCursor cursor = new DirectoryCursor(record);
    cursor.next();
    DirectoryBuilder far = new DirectoryBuilder(0);
    far.addMoved(cursor, GIB4 + 5);
    DirectoryCursor moved = new DirectoryCursor(far.bytes());
    moved.next();
    assertThat(moved.offset()).isEqualTo(GIB4 + 5);
    ByteBuffer bytes = moved.record();
    byte[] end = new byte[extra.length + 2];
    bytes.get(bytes.limit() - end.length, end);
    assertThat(end).containsExactly(0x34, 0x12, 2, 0, 7, 8, 'c', 'd');
    assertThat(moved.extraWellFormed()).isTrue();
  }

  @Test
  void timesThatDosAndUnixCannotSayAreClampedAndNotWrong() throws BadZipException {
    for (long second : new long[] {-1, 0, 315_532_800, 2_147_483_647L, 4_000_000_000L}) {
      DirectoryBuilder one = new DirectoryBuilder(0);
      one.add(header("t", second * 1000, 0, 0, false), 0);
      assertThat(one.at(0).modified()).isEqualTo(second);
    }
    assertThat(DosTime.toEpochSecond(DosTime.of(-1))).isEqualTo(315_532_800);
    assertThat(DosTime.toEpochSecond(DosTime.of(1_709_210_096))).isEqualTo(1_709_210_096);
  }

  @Test
  void aDamagedDirectoryIsReported() {
    DirectoryBuilder one = new DirectoryBuilder(0);
    one.add(header("name", 0, 0, 0, false), 0);
    ByteBuffer cut = one.bytes().limit(one.length() - 1);
    assertThatThrownBy(() -> new DirectoryCursor(cut).next()).isInstanceOf(BadZipException.class);
    ByteBuffer shifted = one.bytes().position(1);
    assertThatThrownBy(() -> new DirectoryCursor(shifted).next())
        .isInstanceOf(BadZipException.class);
  }
}
