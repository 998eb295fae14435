package io.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StandardOutputTest {
  @Test
  void remembersThatADiskWasFullWhoeverForgetsIt() throws IOException {
    try (var full = new FileOutputStream("/dev/full")) {
      StandardOutput out = new StandardOutput(full);
      assertThat(out.lost()).isEmpty();
      PrintWriter writer = new PrintWriter(out, true, StandardCharsets.UTF_8);
      writer.println("text");
      assertThat(out.lost()).get().asString().contains("standard output", "No space left");
    }
  }

  @Test
  void aReaderThatHasEnoughIsNoFailure() {
    OutputStream pipe =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    StandardOutput out = new StandardOutput(pipe);
    assertThatThrownBy(() -> out.write(1)).isInstanceOf(StandardOutput.ClosedException.class);
    assertThat(out.lost()).isEmpty();
  }
}
