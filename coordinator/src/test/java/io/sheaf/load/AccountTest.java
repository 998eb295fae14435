package io.sheaf.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountTest {
  private static final String ABC =
      "a.zip\tn/1.dat\t3\tba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir Path directory;

  private final LoadFile abc =
      new LoadFile(
          "a.zip", "n/1.dat", ByteBuffer.wrap("abc".getBytes(StandardCharsets.UTF_8)), false);

  @Test
  void addsLinesToWhatIsThere() throws Exception {
    Path file = directory.resolve("account");
    for (int run = 0; run < 2; run++) {
      try (Account account = new Account(file)) {
        account.sent(abc);
        account.failed(abc, "two\nlines\tand more");
        account.done(abc);
      }
    }
    String once = "sent\t" + ABC + "\nfailed\t" + ABC + "\ttwo lines and more\ndone\t" + ABC + "\n";
    assertThat(file).hasContent(once + once);
  }

  @Test
  void aLineThatWasCutOffStandsAlone() throws Exception {
    Path file = Files.writeString(directory.resolve("account"), "sent\ta.z");
    try (Account account = new Account(file)) {
      account.sent(abc);
    }
    assertThat(file).hasContent("sent\ta.z\nsent\t" + ABC + "\n");
  }
}
