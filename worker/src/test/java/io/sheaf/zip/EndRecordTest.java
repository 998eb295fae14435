package io.sheaf.zip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndRecordTest {
  @TempDir private Path root;

  private final Disk disk = new SystemDisk();

  private EndRecord readAfter(long position, ByteBuffer... parts) throws IOException {
    try (DiskFile file = disk.create(root.resolve("z"))) {
      file.write(parts, position);
      return EndRecord.read(file);
    }
  }

  private static ByteBuffer bytes(byte[] bytes) {
    return ByteBuffer.wrap(bytes);
  }

  /** The files are sparse: nothing of this size is written. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "1, 100, 60",
    "65534, 100, 60",
    "65535, 100, 60",
    "65536, 100, 60",
    "70000000000, 100, 60",
    "3, 4294967294, 60",
    "3, 4294967295, 60",
    "3, 5000000000, 60",
    "3, 100, 4294967295",
  })
  void saysWhatWasWritten(long entries, long offset, long length) throws IOException {
    byte[] comment = "why not".getBytes(StandardCharsets.UTF_8);
    EndRecord written = EndRecord.of(entries, offset, length, comment);
    EndRecord read = readAfter(offset + length, written.encode());
    assertThat(read.entries()).isEqualTo(entries);
    assertThat(read.directoryOffset()).isEqualTo(offset);
    assertThat(read.directoryLength()).isEqualTo(length);
    assertThat(read.comment()).isEqualTo(comment);
    assertThat(read.length()).isEqualTo(written.length()).isEqualTo(written.encode().limit());
  }

  @ParameterizedTest
  @CsvSource({"0", "9", "200"})
  void aCommentMayContainAnEndRecord(int after) throws IOException {
    // Where nothing but its own comment follows, the one in the comment fills the file as well.
    ByteBuffer inner = EndRecord.of(1, 5, 6, new byte[after]).encode();
    byte[] comment = new byte[20 + inner.limit()];
    inner.get(comment, 20, inner.limit());
    EndRecord read = readAfter(160, EndRecord.of(2, 100, 60, comment).encode());
    assertThat(read.entries()).isEqualTo(2);
    assertThat(read.comment()).isEqualTo(comment);
  }

  @Test
  void aDirectoryMayEndLikeALocator() throws IOException {
    ByteBuffer fake = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    fake.putInt(0, ZipFormat.ZIP64_LOCATOR_SIGNATURE).putLong(8, 3);
    EndRecord read = readAfter(100, fake, EndRecord.of(1, 40, 80, new byte[0]).encode());
    assertThat(read.directoryOffset()).isEqualTo(40);
    assertThat(read.directoryLength()).isEqualTo(80);
  }

  @Test
  void theLongestCommentIsFound() throws IOException {
    EndRecord written = EndRecord.of(1, 40, 80, new byte[EndRecord.MAX_COMMENT]);
    assertThat(readAfter(120, written.encode()).comment()).hasSize(EndRecord.MAX_COMMENT);
  }

  @Test
  void whatIsCutOrFollowedByMoreIsRefused() throws IOException {
    byte[] end = EndRecord.of(1, 40, 80, new byte[9]).encode().array();
    for (int length = 0; length < end.length; length++) {
      try (DiskFile file = disk.create(root.resolve("cut" + length))) {
        file.write(ByteBuffer.wrap(end, 0, length), 120);
        assertThatThrownBy(() -> EndRecord.read(file)).isInstanceOf(BadZipException.class);
      }
    }
    assertThatThrownBy(() -> readAfter(120, bytes(end), bytes(new byte[] {1})))
        .isInstanceOf(BadZipException.class);
  }

  @Test
  void aDirectoryThatDoesNotEndThereIsRefused() {
    assertThatThrownBy(() -> readAfter(121, EndRecord.of(1, 40, 80, new byte[0]).encode()))
        .isInstanceOf(BadZipException.class);
    assertThatThrownBy(() -> readAfter(500, EndRecord.of(65_535, 40, 80, new byte[0]).encode()))
        .isInstanceOf(IOException.class);
  }
}
