package io.sheaf.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsFileTest {
  @TempDir Path temp;
  private final Credentials credentials = Credentials.random();

  @Test
  void keepsThemForTheOwnerOnly() throws IOException {
    Path file = temp.resolve("c.json");
    CredentialsFile.create(file, credentials);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Credentials read = CredentialsFile.read(file, "--credentials");
    for (Access access : Access.values()) {
      assertThat(read.password(access).reveal())
          .hasSize(22) // 128 bits in base 64
          .isEqualTo(credentials.password(access).reveal());
    }
    assertThat(read.quorum().reveal()).isEqualTo(credentials.quorum().reveal());
  }

  @Test
  void noTwoPasswordsAreTheSame() {
    Set<String> all = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      Credentials some = Credentials.random();
      for (Access access : Access.values()) {
        assertThat(all.add(some.password(access).reveal())).isTrue();
      }
      assertThat(all.add(some.quorum().reveal())).isTrue();
      assertThat(some.toString()).doesNotContain(some.quorum().reveal());
    }
  }

  @Test
  void neverTakesAFileThatSomebodyElseMade() throws IOException {
    Path file = Files.writeString(temp.resolve("c.json"), "planted");
    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> CredentialsFile.create(file, credentials));
    assertThat(file).hasContent("planted");
  }

  @Test
  void refusesWhatOthersMayReadAndWhatIsNone() throws IOException {
    Path file = temp.resolve("c.json");
    CredentialsFile.create(file, credentials);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    bad(file, "is open to others: chmod 600 " + file);
    for (String text :
        new String[] {"guess-17", "{\"version\":1,\"admin\":\"guess-17\"}", "", "{}"}) {
      Path other = Files.writeString(Files.createTempFile(temp, "c", ".json"), text);
      bad(other, other + " is no credentials file of this version");
    }
    bad(temp.resolve("none"), "cannot read the credentials file " + temp.resolve("none"));
  }

  private static void bad(Path file, String message) {
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> CredentialsFile.read(file, "--credentials"))
        .withMessageContaining("--credentials: ")
        .withMessageContaining(message)
        .withMessageNotContaining("guess");
  }
}
