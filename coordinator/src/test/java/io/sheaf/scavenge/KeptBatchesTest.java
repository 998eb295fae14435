package io.sheaf.scavenge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptBatchesTest {
  private static final Clock THEN =
      Clock.fixed(Instant.ofEpochSecond(1_800_000_123), ZoneOffset.UTC);

  @TempDir Path root;
  private final Disk disk = new SystemDisk();

  @Test
  void keepsBatchesForAWhileAndNothingElse() throws IOException {
    BaseDirectory base = BaseDirectory.create(disk, root);
    KeptBatches keeping = new KeptBatches(disk, base, THEN);
    Path batch = base.batch("b/a.zip", "h-1-aaaaaa", 1);
    Path part = batch.resolveSibling("h-1-aaaaaa-2.zip.part");
    Path other = base.archive("other.zip");
    Files.createDirectories(batch.getParent());
    for (Path file : new Path[] {batch, part, other}) {
      Files.writeString(file, "contents");
      assertThat(keeping.delete(file)).isTrue();
      assertThat(file).doesNotExist();
      assertThat(keeping.delete(file)).isFalse();
    }
    Path kept = base.kept().resolve("1800000000");
    assertThat(disk.list(kept)).singleElement().asString().endsWith("-h-1-aaaaaa-1.zip");
    KeptBatches.clean(disk, base, Clock.offset(THEN, KeptBatches.FOR));
    assertThat(kept).isNotEmptyDirectory();
    KeptBatches.clean(disk, base, Clock.offset(THEN, KeptBatches.FOR.plus(Duration.ofHours(1))));
    assertThat(base.kept()).isEmptyDirectory();
  }
}
