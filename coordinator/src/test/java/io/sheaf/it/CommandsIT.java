package io.sheaf.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands around one base directory, each a process of its own. */
class CommandsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Test
  void depositListReadVerify() throws Exception {
    List<String> names =
        List.of(
            "plain",
            "with space and 100% percent",
            "späße/日本語/😀",
            "x".repeat(250) + "/" + ("y".repeat(49) + "/").repeat(74) + "z".repeat(49));
    List<String> list = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Path file = directory.resolve("file" + i);
      Files.writeString(file, "contents of " + names.get(i));
      list.add(file + "\tdeep/er.zip/" + names.get(i));
    }
    Files.write(directory.resolve("list"), list, UTF_8);
    assertThat(names.get(3)).hasSize(4_000);

    local(0, put("--files-from list"));
    try (ZipFile zip = new ZipFile(directory.resolve("out/deep/er.zip").toFile())) {
      assertThat(zip.stream().map(Object::toString)).containsExactlyInAnyOrderElementsOf(names);
    }
    assertThat(sheaf(0, "ls", "-r", "out", "deep/er.zip").out())
        .contains("with space and 100% percent")
        .contains("späße/日本語/😀");
    assertThat(sheaf(0, "cat", "-r", "out", "deep/er.zip/späße/日本語/😀").out())
        .isEqualTo("contents of späße/日本語/😀");
    assertThat(sheaf(0, "verify", "-r", "out").out()).contains("deep/er.zip").contains("ok");
    flipAByte(directory.resolve("out/deep/er.zip"));
    assertThat(sheaf(1, "verify", "-r", "out").out()).contains("damaged");
  }

  @Test
  void localEndsAsItsCommandDoes() throws Exception {
    Files.writeString(directory.resolve("f"), "deposited before the command failed");
    local(7, put("f a.zip/f") + "; exit 7");
    assertThat(sheaf(0, "cat", "-r", "out", "a.zip/f").out()).startsWith("deposited before");
  }

  @Test
  void badNamesAreRefusedAndTheOthersDeposited() throws Exception {
    Files.writeString(directory.resolve("f"), "x");
    Files.write(
        directory.resolve("list"),
        List.of("f\ta.zip//abs", "f\ta.zip/../up", "f\ta.zip/b\\c", "f\tnozip/x", "f\ta.zip/good"));
    Running local = local(1, put("--files-from list"));
    assertThat(local.err())
        .contains("absolute")
        .contains("component ..")
        .contains("backslash")
        .contains("no component ends in .zip");
    assertThat(sheaf(0, "ls", "-r", "out", "a.zip").out()).contains("good").doesNotContain("up");
  }

  /** They are named, and stay; the rest of the tree is deposited. */
  @Test
  void filesWhoseNamesAreNotUtf8AreRefused() throws Exception {
    Files.createDirectories(directory.resolve("tree"));
    Files.writeString(directory.resolve("tree/good"), "x");
    String make = "f=\"tree/$(printf 'caf\\351')\"; printf 1 >\"$f\"; ";
    Running local = local(1, make + put("-R tree a.zip/") + "; s=$?; test -e \"$f\" && exit $s");
    assertThat(local.err()).contains("not UTF-8");
    Running single = local(1, "f=\"tree/$(printf 'caf\\351')\"; " + put("\"$f\" a.zip/x"));
    assertThat(single.err()).contains("not UTF-8");
    assertThat(sheaf(0, "ls", "-r", "out", "a.zip").out()).contains("good").hasLineCount(1);
  }

  @Test
  void aBrokenFileInTheInboxIsSetAside() throws Exception {
    Files.writeString(directory.resolve("f"), "x");
    local(0, put("f a.zip/f"));
    Path broken = directory.resolve("out/.sheaf/inbox/a.zip/broken-1-aaaaaa-1.zip");
    Files.createDirectories(broken.getParent());
    Files.writeString(broken, "no zip at all");
    Running local = local(3, put("f a.zip/g"));
    assertThat(local.err()).contains("quarantine");
    assertThat(broken).doesNotExist();
    Running verify = sheaf(3, "verify", "-r", "out");
    assertThat(verify.out()).contains("broken-1-aaaaaa-1.zip").contains("no zip");
    assertThat(sheaf(0, "ls", "-r", "out", "a.zip").out()).contains("f").contains("g");
  }

  @Test
  void errorsAreOneLine() throws Exception {
    oneLine(75, "session", "status", "x", "--servers", "127.0.0.1:9", "--connect-timeout", "1s");
    oneLine(2, "worker", "-N", "x");
    oneLine(2, "local", "--base", "out", "--rotate-bytes", "many", "--", "true");
    oneLine(1, "put", "f", "a.zip/f", "--socket", "none.sock");
  }

  private void oneLine(int status, String... arguments) throws Exception {
    Running run = sheaf(status, arguments);
    assertThat(run.err().lines()).as(run.err()).hasSize(1).allMatch(l -> l.startsWith("sheaf: "));
    assertThat(run.out()).isEmpty();
  }

  private static void flipAByte(Path file) throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed of the flipped byte: " + seed);
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long at = Math.floorMod(new Random(seed).nextLong(), bytes.length());
      bytes.seek(at);
      int old = bytes.read();
      bytes.seek(at);
      bytes.write(old ^ 0x10);
    }
  }

  private static String put(String arguments) {
    return Path.of(System.getProperty("java.home"), "bin", "java")
        + " -jar "
        + System.getProperty("sheaf.jar")
        + " put "
        + arguments;
  }

  private Running local(int status, String shell) throws Exception {
    return sheaf(status, "local", "--base", "out", "--", "sh", "-c", shell);
  }

  private Running sheaf(int status, String... arguments) throws Exception {
    try (Running run = Running.sheaf(directory, "sheaf-" + arguments[0], arguments)) {
      return run.endsWith(status, PATIENCE);
    }
  }
}
