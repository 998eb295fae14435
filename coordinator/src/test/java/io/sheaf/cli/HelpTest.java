package io.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {
  @TempDir Path directory;

  static Stream<String> commands() {
    return Sheaf.commandLine(new Context(Map.of(), System.in, System.out, false))
        .getSubcommands()
        .keySet()
        .stream();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelp(String command) {
    Cli.Run run = new Cli().run(command, "--help");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("Usage: sheaf", command, "75   ZooKeeper not reachable");
    if (!command.equals("generate-completion")) {
      assertThat(run.out()).contains("Examples:\n  sheaf " + command);
    }
  }

  @Test
  void helpNamesEachSettingWithItsDefault() {
    assertThat(new Cli().run("worker", "--help").out())
        .contains("--rotate-bytes", "(default: 256M)", "-N, --session", "-r, --base")
        .contains("$XDG_RUNTIME_DIR");
    assertThat(new Cli().run("coordinator", "--help").out()).contains("--merge-threads");
  }

  @Test
  void theCompletionScriptKnowsCommandsAndSettings() {
    Cli.Run run = new Cli().run("generate-completion");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("coordinator", "--rotate-bytes", "drain");
  }

  @Test
  void versionAndHelp() {
    assertThat(new Cli().run("--version").out()).startsWith("sheaf ");
    assertThat(new Cli().run("--help").out()).contains("Commands:", "demo", "14   no such session");
  }

  @ParameterizedTest
  @ValueSource(strings = {"frobnicate", "--frob", "put", "session", "ls --what", ""})
  void wrongUsageIsOneLineAndEndsWith2(String line) {
    String[] arguments = line.isEmpty() ? new String[0] : line.split(" ", -1);
    Cli.Run run = new Cli().run(arguments);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).startsWith("sheaf: ").doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aMissingSettingNamesTheWaysToGiveIt() {
    Cli.Run run = new Cli().run("worker", "--servers", "127.0.0.1:1", "-N", "x");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--base", "SHEAF_BASE").hasLineCount(1);
  }

  @Test
  void aBadValueNamesItsOrigin() {
    Cli.Run run = new Cli().with("SHEAF_ROTATE_BYTES", "much").run("worker");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("SHEAF_ROTATE_BYTES", "much");
  }

  @Test
  void aDirectoryThatIsNoBaseIsRefused() {
    Cli.Run run = new Cli().run("verify", "-r", directory.toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains(directory.toString(), "no base directory").hasLineCount(1);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void zooKeeperAwayEndsWith75() {
    Cli.Run run =
        new Cli()
            .run(
                "session", "status", "x", "--servers", "127.0.0.1:1", "--connect-timeout", "300ms");
    assertThat(run.status()).isEqualTo(75);
    assertThat(run.err()).contains("127.0.0.1:1").hasLineCount(1);
  }

  @Test
  void aWorkerThatIsNotThereIsNamed() {
    String socket = directory.resolve("none.sock").toString();
    Cli.Run run = new Cli().run("put", "--socket", socket, "x", "a.zip/x");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains(socket).hasLineCount(1);
  }
}
