package io.sheaf.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pipes whose writing ends are known by number. */
@Timeout(60)
final class OpenPipeTest {
  private static String next(OpenPipe pipe) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    int count = pipe.source().read(buffer);
    return count < 0 ? "end" : new String(buffer.array(), 0, count, StandardCharsets.UTF_8);
  }

  @Test
  void theNumberIsThatOfTheWritingEnd() throws IOException {
    try (OpenPipe pipe = OpenPipe.open()) {
      Files.writeString(Path.of("/proc/self/fd/" + pipe.sinkDescriptor()), "contents");
      assertThat(next(pipe)).isEqualTo("contents");
      pipe.closeSink();
      assertThat(next(pipe)).isEqualTo("end");
    }
  }

  @Test
  void threadsGetPipesOfTheirOwn() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<OpenPipe>> made = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        made.add(threads.submit(OpenPipe::open));
      }
      for (int i = 0; i < made.size(); i++) {
        Files.writeString(made.get(i).get().sink(), "for " + i);
      }
      for (int i = 0; i < made.size(); i++) {
        try (OpenPipe pipe = made.get(i).get()) {
          assertThat(next(pipe)).isEqualTo("for " + i);
        }
      }
    } finally {
      threads.shutdown();
    }
  }
}
