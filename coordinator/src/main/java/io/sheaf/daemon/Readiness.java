package io.sheaf.daemon;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a detached process tells the one that started it that it serves: lines {@code name=value} and
 * an empty one, to a pipe that it has inherited.
 */
final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

  /** Names the pipe, for the child. */
  static final String VARIABLE = "SHEAF_DAEMON_READY";

  /** Where {@link Detached} puts the pipe: the first descriptor that means nothing else. */
  static final String PIPE = "/dev/fd/3";

  private Readiness() {}

  /** Tells it, in one write so that it arrives whole. Whoever waited may be gone: no matter. */
  static void tell(String pipe, Map<String, String> facts) {
    String text =
        facts.entrySet().stream()
            .map(fact -> fact.getKey() + "=" + fact.getValue().replace('\n', ' ') + "\n")
            .collect(Collectors.joining("", "", "\n"));
    try (OutputStream out = new FileOutputStream(pipe)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      LOG.debug("nobody waits for this process any more: {}", e.getMessage());
    }
  }
}
