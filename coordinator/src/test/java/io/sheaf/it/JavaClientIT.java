package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs of {@code docs/java.md}, compiled and run with nothing but the library and what it
 * says that it needs.
 */
class JavaClientIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path directory;
  private Path base;

  @BeforeEach
  void makeBase() throws IOException {
    base = Files.createDirectory(directory.resolve("out"));
  }

  private static Path top() {
    return Path.of(System.getProperty("sheaf.jar")).resolve("../../..").normalize();
  }

  private static Path library() {
    return top().resolve("worker/target/sheaf-client.jar");
  }

  /** Jars of the tests' own class path whose names begin so. */
  private static String jars(String... names) {
    return Stream.of(System.getProperty("java.class.path").split(":"))
        .filter(jar -> Stream.of(names).anyMatch(Path.of(jar).getFileName().toString()::startsWith))
        .collect(Collectors.joining(":"));
  }

  /** Writes the program of that name from the document. */
  private Path program(String name) throws IOException {
    String document = Files.readString(top().resolve("docs/java.md"));
    Matcher blocks = Pattern.compile("(?s)```java\n(.*?)```").matcher(document);
    while (blocks.find()) {
      if (blocks.group(1).contains("class " + name + " ")) {
        return Files.writeString(directory.resolve(name + ".java"), blocks.group(1));
      }
    }
    throw new AssertionError("no program " + name);
  }

  private static List<String> java(String jars, Path program, String... arguments) {
    return Stream.concat(
            Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                library() + ":" + jars,
                program.toString()),
            Stream.of(arguments))
        .toList();
  }

  private static Set<String> entries(Path archive) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      return Collections.list(zip.entries()).stream()
          .map(ZipEntry::getName)
          .collect(Collectors.toSet());
    }
  }

  @Test
  void depositsWithTwoSmallLibraries() throws Exception {
    List<String> command = java(jars("slf4j-api-", "jackson-core-"), program("Deposits"));
    List<String> arguments =
        Stream.concat(Stream.of("local", "--base", base.toString(), "--"), command.stream())
            .toList();
    try (Running local = Running.sheaf(directory, "local", List.of(), arguments)) {
      local.endsWith(0, PATIENCE);
      assertThat(local.out())
          .contains("42")
          .contains("/out.zip/run1/host\n/out.zip/run1/result.txt");
    }
    assertThat(entries(base.resolve("out.zip")))
        .containsExactlyInAnyOrder("run1/host", "run1/result.txt");
    assertThat(entries(base.resolve("frames.zip"))).hasSize(1_000);
    assertThat(entries(base.resolve("logs.zip"))).containsExactly("run1.log");
  }

  @Test
  void depositsWithoutAWorker() throws Exception {
    runLocally(0, program("Local"));
    recover();
    assertThat(entries(base.resolve("local.zip"))).hasSize(10_000);
  }

  /** What a program has left that died after its last answer is in the archive once. */
  @Test
  void aProgramThatDiesLeavesWhatWasSafe() throws Exception {
    Path program = program("Local");
    String dying =
        Files.readString(program)
            .replace("System.out.println", "Runtime.getRuntime().halt(9); System.out.println");
    runLocally(9, Files.writeString(program, dying));
    recover();
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      expected.add(Integer.toString(i));
    }
    assertThat(entries(base.resolve("local.zip"))).isEqualTo(expected);
  }

  private void runLocally(int status, Path program) throws Exception {
    String jars = jars("slf4j-api-", "jackson-core-", "jackson-databind-", "jackson-annotations-");
    List<String> command = java(jars, program, base.toString());
    try (Running local = Running.command(directory, "program", Map.of(), command)) {
      local.endsWith(status, PATIENCE);
    }
  }

  private void recover() throws Exception {
    try (Running recover = Running.sheaf(directory, "recover", "recover", "-r", base.toString())) {
      recover.endsWith(0, PATIENCE);
    }
    try (Running verify =
        Running.sheaf(directory, "verify", "verify", "-r", base.toString(), "--deep")) {
      verify.endsWith(0, PATIENCE);
    }
  }

  /** The library holds to the rooms that it needs, and names itself to Maven. */
  @Test
  void theLibraryIsSmall() throws IOException {
    Set<String> names = entries(library());
    assertThat(names)
        .contains(
            "META-INF/maven/io.sheaf/sheaf-client/pom.xml",
            "META-INF/services/java.nio.file.spi.FileSystemProvider",
            "io/sheaf/logback/SheafAppender.class");
    assertThat(names).noneMatch(name -> name.matches("io/(netty|sheaf/(zkinit|spool|archive))/.*"));
    assertThat(names.stream().filter(name -> name.endsWith(".class")))
        .allMatch(name -> name.startsWith("io/sheaf/"));
    assertThat(Files.size(library())).isLessThan(800_000);
  }
}
