package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sheaf local} around eight processes that write 40,000 files into ten archives. */
@Tag("cluster")
class LocalWritersIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir Path directory;

  @Test
  void fortyThousandFilesFromEightProcesses() throws Exception {
    Tools.need("python3", "unzip", "7z", "bsdtar");
    Path base = directory.resolve("out");
    try (Running local =
        Running.sheaf(
            directory,
            "local",
            "local",
            "--base",
            base.toString(),
            "--",
            "python3",
            Tools.script("writers.py"),
            "--processes",
            "8",
            "--files",
            "5000",
            "--archives",
            "10")) {
      local.endsWith(0, PATIENCE);
    }
    String counts = run("python3", Tools.script("check.py"), base.toString(), acks());
    assertThat(counts)
        .startsWith("acknowledged 40000 found 40000 lost 0 doubled 0 harmed 0 unacknowledged 0");
    for (Path archive : archives(base)) {
      run("unzip", "-tq", archive.toString());
      run("7z", "t", "-bd", archive.toString());
      run("python3", "-m", "zipfile", "-t", archive.toString());
      run("bsdtar", "-tf", archive.toString());
      run(
          Path.of(System.getProperty("java.home"), "bin", "jar").toString(),
          "tf",
          archive.toString());
    }
  }

  private List<Path> archives(Path base) throws Exception {
    try (Stream<Path> files = Files.list(base)) {
      List<Path> archives = files.filter(f -> f.toString().endsWith(".zip")).sorted().toList();
      assertThat(archives).hasSize(10);
      return archives;
    }
  }

  private String acks() {
    return "acks.*";
  }

  private String run(String... command) throws Exception {
    List<String> expanded = new ArrayList<>();
    for (String word : command) {
      if (word.equals(acks())) {
        try (Stream<Path> files = Files.list(directory)) {
          files.map(Path::toString).filter(f -> f.contains("/acks.")).forEach(expanded::add);
        }
      } else {
        expanded.add(word);
      }
    }
    try (Running reader = Running.command(directory, "reader", Map.of(), expanded)) {
      return reader.endsWith(0, PATIENCE).out();
    }
  }
}
