package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other users at a worker's socket. */
@Tag("cluster")
class PeersIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String FRIEND = "65533";
  private static final String STRANGER = "65532";

  @TempDir Path directory;

  @Test
  void theKernelSaysWhoComes() throws Exception {
    Tools.needRoot();
    Tools.need("setpriv", "curl");
    // JUnit's directory is this user's alone; others must get as far as the socket.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    Path door = directory.resolve("door");
    Path socket = door.resolve("w.sock");
    Path shell = directory.resolve("shell");
    Files.writeString(shell, "#!/bin/sh\ntouch ready\nwhile [ ! -e end ]; do sleep 0.1; done\n");
    try (Running local =
        Running.sheaf(
            directory,
            "local",
            "local",
            "--base",
            "out",
            "--socket",
            socket.toString(),
            "--allow-users",
            FRIEND,
            "--quotas",
            "uid:" + FRIEND + "=6:0",
            "--",
            "sh",
            shell.toString())) {
      Eventually.eventually(
          "the worker runs", PATIENCE, () -> Files.exists(directory.resolve("ready")));
      assertThat(mode(door)).isEqualTo("rwx--x--x");
      assertThat(mode(socket)).isEqualTo("rw-rw-rw-");
      assertThat(put(STRANGER, socket, "a.zip/stranger")).contains("403").contains(STRANGER);
      assertThat(put(FRIEND, socket, "a.zip/friend")).contains("201");
      assertThat(put(FRIEND, socket, "a.zip/more")).contains("507").contains("uid " + FRIEND);
      assertThat(put("0", socket, "a.zip/root")).contains("201");
      Files.createFile(directory.resolve("end"));
      local.endsWith(0, PATIENCE);
      assertThat(local.err()).containsOnlyOnce("deposits of uid " + STRANGER);
    }
    try (Running ls = Running.sheaf(directory, "ls", "ls", "-r", "out", "a.zip")) {
      assertThat(ls.endsWith(0, PATIENCE).out())
          .contains("friend", "root")
          .doesNotContain("stranger", "more");
    }
  }

  @Test
  void aClientDepositsNotWithAnotherUsersWorker() throws Exception {
    Tools.needRoot();
    Tools.need("setpriv", "python3");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    Files.setAttribute(theirs, "unix:uid", Integer.parseInt(FRIEND));
    String listen =
        "import socket,time; s=socket.socket(socket.AF_UNIX); s.bind('s'); s.listen();"
            + "print('listens', flush=True); time.sleep(600)";
    Files.writeString(directory.resolve("f"), "secret");
    try (Running server = as(FRIEND, theirs, "server", "python3", "-c", listen)) {
      server.prints("listens", PATIENCE);
      try (Running put =
          Running.sheaf(directory, "put", "put", "f", "a.zip/f", "--socket", theirs + "/s")) {
        put.endsWith(1, PATIENCE);
        assertThat(put.err()).contains("is run by user " + FRIEND).contains("trust_workers_of");
      }
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private String put(String uid, Path socket, String target) throws Exception {
    try (Running curl =
        as(
            uid,
            directory,
            "curl-" + target.replace('/', '-'),
            "curl",
            "-sS",
            "-w",
            "%{http_code}",
            "--unix-socket",
            socket.toString(),
            "-X",
            "PUT",
            "--data-binary",
            "12345",
            "http://localhost/" + target)) {
      return curl.endsWith(0, PATIENCE).out();
    }
  }

  private Running as(String uid, Path where, String name, String... command) throws IOException {
    List<String> all =
        new ArrayList<>(List.of("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups"));
    all.addAll(List.of("env", "-C", where.toString()));
    all.addAll(Arrays.asList(command));
    return Running.command(directory, name, Map.of(), all);
  }
}
