package io.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainFormTest {
  @TempDir Path directory;

  private Context context() {
    Map<String, String> environment = Map.of("SHEAF_SOCKET", directory.resolve("none").toString());
    return new Context(environment, System.in, System.out, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "put",
        "put a",
        "put -R a b",
        "put a b --help",
        "put @list b",
        "put a b -- c",
        "append a b",
        "append --segment=5m a",
        "ls a b",
        "exec a b",
        "local a b",
      })
  void theParserGetsAllElse(String line) {
    assertThat(PlainForm.of(context(), line.split(" ", -1))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"put a b", "put - a.zip/b", "put a b c/", "append a.zip/b", "pickup a b"})
  void itFailsAsTheParsersCommandDoes(String line) {
    String[] args = line.split(" ", -1);
    StringWriter err = new StringWriter();
    PrintWriter to = new PrintWriter(err, true);
    SheafCommand command = Objects.requireNonNull(PlainForm.of(context(), args));
    int status = PlainForm.run(command, to, to);
    Cli.Run run = new Cli().with("SHEAF_SOCKET", directory.resolve("none").toString()).run(args);
    assertThat(run.status()).isEqualTo(status).isNotZero();
    assertThat(run.err()).isEqualTo(err.toString()).contains("none");
  }

  @Test
  void nothingIsNoCommand() {
    assertThat(PlainForm.of(context())).isNull();
    assertThat(PlainForm.of(context(), "put", "", "a.zip/x")).isNull();
  }
}
