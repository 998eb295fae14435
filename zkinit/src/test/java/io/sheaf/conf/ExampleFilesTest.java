package io.sheaf.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in conf/ names every setting, and the defaults that are in force. */
class ExampleFilesTest {
  private static final Path EXAMPLE = Path.of("../conf/sheaf.conf");

  @TempDir Path temp;

  @Test
  void isCommentedAllThrough() {
    Settings settings = Settings.builder().files(List.of(EXAMPLE)).build();
    assertThat(Keys.all()).noneMatch(settings::isExplicit);
  }

  @Test
  void hasEachKeyWithItsDefaultInItsSection() throws IOException {
    String uncommented =
        Files.readString(EXAMPLE).replaceAll("(?m)^#([a-z_]+ =)", "$1").replaceAll("<.*?>", "x");
    Path file = Files.writeString(temp.resolve("all.conf"), uncommented);
    Settings settings = Settings.builder().files(List.of(file)).build();
    assertThat(Keys.all()).allMatch(settings::isExplicit);
    for (Key<?> key : Keys.all()) {
      if (key.defaultText() != null) {
        assertThat(settings.text(key)).as(key.name()).contains(key.defaultText());
      }
    }
  }
}
