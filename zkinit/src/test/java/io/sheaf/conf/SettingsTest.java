package io.sheaf.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SettingsTest {
  /** Four good values of each type of value that settings have, by a part of what is allowed. */
  private static final Map<String, List<String>> SAMPLES =
      Map.ofEntries(
          Map.entry("duration", List.of("11s", "12s", "13s", "14s")),
          Map.entry("a size", List.of("11K", "12K", "13K", "14K")),
          Map.entry("a number", List.of("11", "12", "13", "14")),
          Map.entry("znode", List.of("/a", "/b", "/c", "/d")),
          Map.entry("true or false", List.of("true", "false", "true", "false")),
          Map.entry("only ", List.of("", "", "", "")),
          Map.entry("stored, deflated", List.of("stored", "deflated", "stored", "deflated")),
          Map.entry("all, first, last or error", List.of("all", "first", "last", "error")),
          Map.entry("time or sequence", List.of("time", "sequence", "time", "sequence")),
          Map.entry("auto, replace or in-place", List.of("auto", "replace", "in-place", "auto")),
          Map.entry("drain or leave", List.of("drain", "leave", "drain", "leave")),
          Map.entry(
              "a time such as",
              List.of(
                  "2026-03-01T12:00:00Z",
                  "2026-03-01T12:00:01Z",
                  "2026-03-01T12:00:02Z",
                  "2026-03-01T12:00:03Z")),
          Map.entry("none, write or fsync", List.of("none", "write", "fsync", "none")));

  @TempDir Path temp;

  private static Stream<Key<?>> keys() {
    return Keys.all().stream();
  }

  private static List<String> samples(Key<?> key) {
    if (key.allowed().startsWith("only ")) {
      return List.of(key.allowed().substring(5)).stream()
          .flatMap(v -> Stream.of(v, v, v, v))
          .toList();
    }
    if (key.equals(Keys.QUOTAS)) {
      return List.of("a=1:0", "b=2:0", "c=3:0", "d=4:0");
    }
    return SAMPLES.entrySet().stream()
        .filter(entry -> key.allowed().contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(List.of("a1", "b2", "c3", "d4"));
  }

  private Path conf(String name, Key<?> key, String value) throws IOException {
    return Files.writeString(
        temp.resolve(name), "# x\n[" + key.section() + "]\n" + key.name() + " = " + value + "\n");
  }

  @ParameterizedTest
  @MethodSource("keys")
  void optionWinsOverVariableOverLaterFileOverEarlierFileOverDefault(Key<?> key)
      throws IOException {
    List<String> values = samples(key);
    Path first = conf("first.conf", key, values.get(0));
    Path second = conf("second.conf", key, values.get(1));
    Map<String, String> variables = Map.of(key.variable(), values.get(2));

    Settings none = Settings.builder().build();
    assertThat(none.text(key).orElse(null)).isEqualTo(key.defaultText());
    assertThat(none.origin(key)).hasToString("default");
    assertThat(none.isExplicit(key)).isFalse();

    check(Settings.builder().files(List.of(first)).build(), key, values.get(0), first + ":3");
    check(
        Settings.builder().files(List.of(first, second)).build(),
        key,
        values.get(1),
        second + ":3");
    check(
        Settings.builder().files(List.of(first, second)).environment(variables).build(),
        key,
        values.get(2),
        key.variable());
    check(
        Settings.builder()
            .files(List.of(first, second))
            .environment(variables)
            .options(Map.of(key.name(), values.get(3)))
            .build(),
        key,
        values.get(3),
        key.option());
  }

  private static void check(Settings settings, Key<?> key, String value, String origin) {
    assertThat(settings.text(key)).contains(value);
    assertThat(settings.origin(key)).hasToString(origin);
    assertThat(settings.isExplicit(key)).isTrue();
  }

  @Test
  void givesTypedDefaults() {
    Settings settings = Settings.builder().build();
    assertThat(settings.get(Keys.ROTATE_INTERVAL)).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.get(Keys.ROTATE_BYTES)).isEqualTo(256L << 20);
    assertThat(settings.get(Keys.DURABILITY)).isEqualTo(Durability.WRITE);
    assertThat(settings.find(Keys.SERVERS)).isEmpty();
  }

  @Test
  void namesTheWaysToGiveWhatIsMissing() {
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> Settings.builder().build().get(Keys.BASE))
        .withMessage(
            "no --base given: use --base DIR, SHEAF_BASE or base= in [session] of a config file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[session]\\nrotate_bytes=12Q|:2: bad value \"12Q\" for rotate_bytes: give a size above 0",
        "[session]\\norder=random|:2: bad value \"random\" for order: give time or sequence",
        "[session]\\nduplicates=newest|:2: bad value \"newest\" for duplicates: give all, first, last or error",
        "[session]\\n\\n; x\\nfoo=1|:4: unknown key foo in [session]: the keys are session, base",
        "[session]\\nmax_open=3|:2: unknown key max_open in [session]: it belongs in [worker]",
        "[zookeeper]\\npassword=hunter2|:2: unknown key password in [zookeeper]: give a password by",
        "[sesion]\\nbase=x|:1: unknown section [sesion]: the sections are zookeeper, session",
        "base=x|:1: a key outside a section",
        "[session]\\nbase=x\\nbase=y|:3: base is in [session] twice, first in line 2: keep one",
        "[session]\\nbase=|:2: bad value \"\" for base: give a directory"
      })
  void refusesABadFileWithItsLine(String text, String message) throws IOException {
    Path file = Files.writeString(temp.resolve("bad.conf"), text.replace("\\n", "\n"));
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> Settings.builder().files(List.of(file)).build())
        .withMessageStartingWith(file + message)
        .withMessageNotContaining("hunter2");
  }

  @Test
  void refusesABadOptionAndAMissingFile() {
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> Settings.builder().option(Keys.MAX_OPEN, "many").build())
        .withMessageStartingWith(
            "--max-open: bad value \"many\" for max_open: give a number from 1");
    Path missing = temp.resolve("none.conf");
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> Settings.builder().files(List.of(missing)).build())
        .withMessage(missing + ": no such config file");
  }

  @Test
  void looksNothingUpInValues() throws IOException {
    Path file = conf("a.conf", Keys.BASE, "/data/${env:HOME}/x");
    assertThat(Settings.builder().files(List.of(file)).build().get(Keys.BASE))
        .isEqualTo(Path.of("/data/${env:HOME}/x"));
  }

  @Test
  void takesTheSessionsValuesWhereNothingWasSet() {
    Settings settings = Settings.builder().option(Keys.ROTATE_BYTES, "1M").build();
    Settings joined =
        settings.withSession("s", Map.of("rotate_bytes", "2M", "compression", "deflated"));
    assertThat(joined.text(Keys.ROTATE_BYTES)).contains("1M");
    assertThat(joined.text(Keys.COMPRESSION)).contains("deflated");
    assertThat(joined.origin(Keys.COMPRESSION)).hasToString("session s");
    assertThat(joined.isExplicit(Keys.COMPRESSION)).isFalse();
    assertThat(settings.sessionParameters())
        .containsOnlyKeys(
            "archive_max_bytes",
            "archive_max_entries",
            "commit",
            "compression",
            "duplicates",
            "gap_timeout",
            "max_bytes",
            "max_entries",
            "merge_max_age",
            "order",
            "rotate_bytes",
            "rotate_entries",
            "rotate_interval",
            "symlinks");
  }

  @Test
  void readsAPasswordFromAPrivateFileOnly() throws IOException {
    Path file = Files.writeString(temp.resolve("pw"), "s3cret\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Settings settings = Settings.builder().option(Keys.PASSWORD_FILE, file.toString()).build();
    assertThat(settings.password().orElseThrow().reveal()).isEqualTo("s3cret");
    assertThat(settings.password().orElseThrow()).hasToString("***");

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(settings::password)
        .withMessage(
            "--password-file: the password file %s is open to others: chmod 600 %s", file, file);
  }

  @Test
  void readsAPasswordFromAVariableAndNeverShowsIt() {
    Map<String, String> variables = Map.of("PW", "s3cret");
    Settings settings =
        Settings.builder().option(Keys.PASSWORD_ENV, "PW").environment(variables).build();
    assertThat(settings.password().orElseThrow().reveal()).isEqualTo("s3cret");
    assertThat(settings.toString()).doesNotContain("s3cret");
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> Settings.builder().option(Keys.PASSWORD_ENV, "my-s3cret!").build())
        .withMessageNotContaining("s3cret!")
        .withMessageContaining("the name of an environment variable");
  }

  @Test
  void putsTheSocketInADirectoryOfTheUser() {
    Settings settings =
        Settings.builder()
            .option(Keys.SESSION, "s1")
            .environment(Map.of("XDG_RUNTIME_DIR", "/run/user/7", "TMPDIR", "/scratch"))
            .build();
    assertThat(settings.socket().toString()).matches("/run/user/7/sheaf-\\w+/s1\\.sock");
    Settings given = Settings.builder().option(Keys.SOCKET, "/x/y.sock").build();
    assertThat(given.socket()).isEqualTo(Path.of("/x/y.sock"));
  }

  @Test
  void fillsInTheNameOfTheNodeInTheSocket() {
    Settings settings =
        Settings.builder()
            .option(Keys.SOCKET, "/run/%(session)s-%(node)s.sock")
            .option(Keys.SESSION, "s1")
            .environment(Map.of("SLURMD_NODENAME", "n7"))
            .build();
    assertThat(settings.socket()).isEqualTo(Path.of("/run/s1-n7.sock"));
    Settings worker = Settings.builder().option(Keys.SOCKET, "/run/%(pid)s").build();
    assertThat(worker.socket(Map.of("pid", "12"))).isEqualTo(Path.of("/run/12"));
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(worker::socket)
        .withMessageContaining("--socket: bad value for socket")
        .withMessageContaining("no value is named %(pid)s: use %(host)s, %(node)s, %(uid)s");
  }
}
