package io.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Each setting in each of its places, through the same parser as in every command. */
class PrecedenceTest {
  private static final Path EXAMPLE = Path.of("../conf/sheaf.conf");

  @TempDir Path temp;
  private final StringWriter err = new StringWriter();

  /** A command that takes all settings and only reads them. */
  @Command(name = "probe")
  private static final class Probe extends SheafCommand {
    private @Nullable Settings settings;

    Probe(Map<String, String> environment) {
      super(
          new Context(
              environment, InputStream.nullInputStream(), OutputStream.nullOutputStream(), false));
    }

    @Override
    List<Key<?>> keys() {
      return Keys.all();
    }

    @Override
    public Integer call() {
      settings = settings();
      return 0;
    }
  }

  static Stream<Key<?>> keys() {
    return Keys.all().stream();
  }

  /** Empty when they were refused; then the error stream says why. */
  private Optional<Settings> read(Map<String, String> environment, String... arguments) {
    Probe probe = new Probe(environment);
    CommandLine command = new CommandLine(probe);
    KeyOptions.add(command.getCommandSpec(), probe.keys());
    command.setExecutionExceptionHandler(new Failures(probe.context));
    command.setErr(new PrintWriter(err, true));
    int status = command.execute(arguments);
    assertThat(status).as(err.toString()).isEqualTo(probe.settings == null ? 2 : 0);
    return Optional.ofNullable(probe.settings);
  }

  private Settings accepted(Map<String, String> environment, String... arguments) {
    return read(environment, arguments).orElseThrow(() -> new AssertionError(err.toString()));
  }

  private Path conf(String name, String section, String key, String value) throws IOException {
    return Files.writeString(
        temp.resolve(name), "# x\n[" + section + "]\n" + key + " = " + value + "\n");
  }

  private Path conf(String name, Key<?> key, int sample) throws IOException {
    return conf(name, key.section(), key.name(), Samples.good(key, sample));
  }

  private void check(
      Key<?> key, int sample, String origin, Map<String, String> environment, String... arguments) {
    Settings settings = accepted(environment, arguments);
    assertThat(settings.text(key)).isEqualTo(key.canonical(Samples.good(key, sample)));
    assertThat(settings.origin(key)).hasToString(origin);
  }

  @ParameterizedTest
  @MethodSource("keys")
  void optionOverVariableOverFilesInOrderOverDefault(Key<?> key) throws IOException {
    Settings none = accepted(Map.of());
    assertThat(none.text(key).orElse(null)).isEqualTo(key.defaultText());
    assertThat(none.origin(key)).hasToString("default");

    String one = conf("one.conf", key, 1).toString();
    String two = conf("two.conf", key, 2).toString();
    check(key, 1, one + ":3", Map.of(), "--config", one);
    check(key, 2, two + ":3", Map.of(), "--config", one + "," + two);
    check(key, 1, one + ":3", Map.of(), "--config", two + "," + one);
    check(key, 1, one + ":3", Map.of(), "--config", two, "--config", one);
    Map<String, String> variable = Map.of(key.variable(), Samples.good(key, 3));
    check(key, 3, key.variable(), variable, "--config", one + "," + two);
    String option = Samples.good(key, 4);
    check(key, 4, key.option(), variable, "--config", one, key.option(), option);
    check(key, 4, key.option(), variable, key.option() + "=" + option, "--config", one);
    check(key, 2, two + ":3", Map.of(key.variable(), ""), "--config", two);
  }

  private void refused(Map<String, String> environment, String message, String... arguments) {
    assertThat(read(environment, arguments)).as("refused").isEmpty();
    assertThat(err.toString()).startsWith("sheaf: " + message).hasLineCount(1);
    err.getBuffer().setLength(0);
  }

  @ParameterizedTest
  @MethodSource("keys")
  void aBadValueIsRefusedWhereItStands(Key<?> key) throws IOException {
    String bad = Samples.bad(key);
    Path file = conf("bad.conf", key.section(), key.name(), bad);
    String config = conf("good.conf", key, 1) + "," + file;
    refused(Map.of(), file + ":3: bad value ", "--config", config);
    refused(
        Map.of(), file + ":3: bad value ", "--config", config, key.option(), Samples.good(key, 2));
    refused(Map.of(), key.option() + ": bad value ", key.option(), bad);
    if (!bad.isEmpty()) {
      refused(Map.of(key.variable(), bad), key.variable() + ": bad value ");
    }
    refused(Map.of(), file + ":3: bad value ", "--config", file.toString());
  }

  @ParameterizedTest
  @MethodSource("keys")
  void anUnknownKeyOrSectionIsRefusedWithFileAndLine(Key<?> key) throws IOException {
    String good = Samples.good(key, 1);
    Path typo = conf("typo.conf", key.section(), key.name() + "x", good);
    refused(
        Map.of(),
        typo + ":3: unknown key " + key.name() + "x in [" + key.section() + "]: ",
        "--config",
        typo.toString());
    String other = key.section().equals("worker") ? "session" : "worker";
    Path misplaced = conf("misplaced.conf", other, key.name(), good);
    refused(
        Map.of(),
        misplaced + ":3: unknown key " + key.name() + " in [" + other + "]: ",
        "--config",
        misplaced.toString());
    Path section = conf("section.conf", key.section() + "s", key.name(), good);
    refused(
        Map.of(),
        section + ":2: unknown section [" + key.section() + "s]: the sections are",
        "--config",
        section.toString());
    Path upper = conf("upper.conf", key.section(), key.variable(), good);
    refused(
        Map.of(),
        upper + ":3: unknown key " + key.variable() + " in [",
        "--config",
        upper.toString());
  }

  /** The line of the example is taken for what it says: alone, its comment sign taken away. */
  @ParameterizedTest
  @MethodSource("keys")
  void theExampleNamesTheKeyWithItsDefault(Key<?> key) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(EXAMPLE));
    String start = "#" + key.name() + " = ";
    int at = 0;
    while (at < lines.size() && !lines.get(at).startsWith(start)) {
      at++;
    }
    assertThat(at).as(start + "... in " + EXAMPLE).isLessThan(lines.size());
    assertThat(lines.subList(at + 1, lines.size())).noneMatch(line -> line.startsWith(start));
    lines.set(at, lines.get(at).substring(1));
    Path file = Files.write(temp.resolve("example.conf"), lines);
    Settings settings = accepted(Map.of(), "--config", file.toString());
    assertThat(settings.origin(key)).hasToString(file + ":" + (at + 1));
    if (key.defaultText() != null) {
      assertThat(settings.text(key)).contains(key.defaultText());
    } else {
      assertThat(lines.get(at - 1) + lines.get(at - 2)).contains("default");
    }
  }

  @ParameterizedTest
  @MethodSource("keys")
  void someCommandHasItAsAnOption(Key<?> key) {
    CommandLine sheaf = Sheaf.commandLine(new Probe(Map.of()).context);
    assertThat(all(sheaf).flatMap(command -> Arrays.stream(options(command))))
        .contains(key.option());
  }

  private static Stream<CommandLine> all(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(PrecedenceTest::all));
  }

  private static String[] options(CommandLine command) {
    return command.getCommandSpec().optionsMap().keySet().toArray(String[]::new);
  }
}
