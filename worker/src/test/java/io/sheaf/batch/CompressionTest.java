package io.sheaf.batch;

import static io.sheaf.batch.BatchFixture.bytes;
import static io.sheaf.batch.BatchFixture.entry;
import static io.sheaf.batch.BatchFixture.read;
import static io.sheaf.batch.BatchFixture.stream;
import static io.sheaf.batch.BatchFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
  @TempDir private Path root;

  private static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] behind(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** By name, what is deflated where it must be worth it. */
  private static Map<String, byte[]> contents() {
    Map<String, byte[]> all = new TreeMap<>();
    all.put("deflated small", text("again and ".repeat(50)));
    all.put("deflated large", bytes(300_000, 1));
    all.put("deflated a probe", bytes(Deflation.PROBE, 2));
    all.put("stored noise", noise(5_000));
    all.put("stored large noise", noise(300_000));
    all.put("stored empty", new byte[0]);
    all.put("stored few", text("abc"));
    all.put("stored noise first", behind(noise(Deflation.PROBE), bytes(200_000, 3)));
    return all;
  }

  @Test
  void deflatesWhatIsWorthIt() throws IOException {
    BatchFixture at = new BatchFixture(root);
    BatchWriter batch = at.open(at.healthy, 1, Compression.AUTO);
    Map<String, byte[]> wanted = new TreeMap<>();
    for (Map.Entry<String, byte[]> each : contents().entrySet()) {
      batch.append(List.of(entry(each.getKey(), each.getValue(), Compression.AUTO)));
      stream(batch, each.getKey() + " streamed", each.getValue(), -1, 10_000);
      stream(batch, each.getKey() + " known", each.getValue(), each.getValue().length, 999_999);
      wanted.put(each.getKey(), each.getValue());
      wanted.put(each.getKey() + " streamed", each.getValue());
      wanted.put(each.getKey() + " known", each.getValue());
    }
    batch.seal();
    Map<String, byte[]> found = read(at.sealed(1));
    assertThat(found).hasSize(wanted.size());
    wanted.forEach((name, bytes) -> assertThat(found.get(name)).as(name).isEqualTo(bytes));
    at.checkedManifest(at.sealed(1));
    DirectoryCursor record =
        new DirectoryCursor(BatchFile.read(at.healthy, at.sealed(1)).directory());
    while (record.next()) {
      int method = record.nameText().startsWith("deflated") ? ZipFormat.DEFLATED : ZipFormat.STORED;
      assertThat(record.method()).as(record.nameText()).isEqualTo(method);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "stored, STORED",
    "deflated, DEFLATED",
    "deflated:1, DEFLATED_1",
    "deflated:9, DEFLATED_9",
    "auto, AUTO"
  })
  void isNamedInSettings(String setting, Compression compression) {
    assertThat(Compression.of(setting)).isSameAs(compression);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9})
  void levelsDiffer(int level) throws IOException {
    byte[] contents = bytes(200_000, 5);
    int length = entry("n", contents, Compression.of("deflated:" + level)).length();
    int other = entry("n", contents, Compression.of("deflated:" + (10 - level))).length();
    assertThat(Integer.compare(length, other)).isEqualTo(level == 1 ? 1 : -1);
  }
}
