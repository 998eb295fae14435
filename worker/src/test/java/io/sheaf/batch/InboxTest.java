package io.sheaf.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboxTest {
  @TempDir private Path root;

  @ParameterizedTest
  @ValueSource(strings = {"a.zip", ".hidden/a.zip", "x.tmp/a.zip", "b/.c/a.zip", ".a.zip"})
  void findsTheInboxOfEveryArchiveThatIsAllowed(String archive) throws IOException {
    assertThatCode(() -> Target.checkArchive(archive)).doesNotThrowAnyException();
    BatchFixture at = new BatchFixture(root);
    Files.createDirectories(at.base.inbox(archive));
    Files.createFile(at.base.inbox(archive).resolve("w-1-a-5.zip"));
    Files.createFile(at.base.inbox(archive).resolve("w-1-a-6.zip.part"));
    Inbox inbox = new Inbox(at.healthy, at.base);
    assertThat(inbox.archives()).containsOnlyKeys(archive);
    assertThat(inbox.closed(archive)).hasSize(1);
    assertThat(inbox.parts()).extracting(OpenPart::seq).containsExactly(6L);
  }

  @ParameterizedTest
  @ValueSource(strings = {".mixed/a.zip", ".sheaf/a.zip", "x.zip.json/a.zip", "b/x.zip.undo/a.zip"})
  void namesThatMeetSheafsOwnFilesAreRefused(String archive) {
    assertThatThrownBy(() -> Target.checkArchive(archive)).isInstanceOf(BadTargetException.class);
  }

  @Test
  void anEntryNameLeavesRoomForItsDirectoryRecord() {
    assertThatCode(() -> Target.checkEntry("n".repeat(65_437))).doesNotThrowAnyException();
    assertThatThrownBy(() -> Target.checkEntry("n".repeat(65_438)))
        .isInstanceOf(BadTargetException.class)
        .hasMessageContaining("65438");
  }

  @Test
  void quarantineKeepsTheSameOnceAndOthersBeside() throws IOException {
    BatchFixture at = new BatchFixture(root);
    Quarantine quarantine = new Quarantine(at.healthy, at.base);
    Path source = Files.writeString(root.resolve("source"), "abcabd");
    try (DiskFile file = at.healthy.openForRead(source)) {
      quarantine.keep("a.zip", "e", file, 0, 3, "first");
      quarantine.keep("a.zip", "e", file, 0, 3, "again");
      quarantine.keep("a.zip", "e", file, 3, 3, "other");
    }
    assertThat(quarantine.items())
        .extracting(Quarantine.Item::reason)
        .containsExactly("again", "other");
    assertThat(at.base.quarantine("a.zip").resolve("e")).hasContent("abc");
    assertThat(at.base.quarantine("a.zip").resolve("e~2")).hasContent("abd");
    assertThat(quarantine.holds("a.zip", "e")).isTrue();
    assertThat(quarantine.holds("a.zip", "f")).isFalse();
  }
}
