package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What writers were answered for: the files {@code acks-…} in a directory. */
record Acknowledgements(Path directory) {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** What the name of a writer's file begins with, for {@code writers.py --acks}. */
  String file(String writer) {
    return directory.resolve("acks-" + writer).toString();
  }

  List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(Path::toString).filter(f -> f.startsWith(file(""))).sorted().toList();
    }
  }

  long count() throws IOException {
    long lines = 0;
    for (String file : files()) {
      try (Stream<String> all = Files.lines(Path.of(file))) {
        lines += all.count();
      }
    }
    return lines;
  }

  /**
   * Each is in an archive of the base directory, once, says a reader that is not Sheaf; what it has
   * counted.
   */
  String areThereOnce(Path base) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("python3", Tools.script("check.py"), base.toString()));
    command.addAll(files());
    try (Running check = Running.command(directory, "check", Map.of(), command)) {
      String counts = check.endsWith(0, PATIENCE).out();
      System.out.println(counts.strip());
      assertThat(counts).contains(" lost 0 doubled 0 harmed 0 ");
      return counts;
    }
  }
}
