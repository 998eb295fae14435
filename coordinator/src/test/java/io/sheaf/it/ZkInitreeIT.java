package io.sheaf.it;

import static io.sheaf.it.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees that are built from a file of vsc-zk's format, looked at through kazoo. */
@Tag("cluster")
class ZkInitreeIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Whatever the locale: the server reads passwords in its own character set. */
  private static final List<String> UTF8 = List.of("-Dfile.encoding=UTF-8");

  @TempDir Path directory;
  private final List<Running> started = new ArrayList<>();
  private String servers = "";

  @BeforeEach
  void startServer() throws Exception {
    List<String> arguments = List.of("zookeeper", "--data", directory + "/zk", "--port", "0");
    Running server = keep(Running.sheaf(directory, "zookeeper", UTF8, arguments));
    server.prints("127.0.0.1:", PATIENCE);
    servers = server.out().strip();
  }

  @AfterEach
  void stopAll() {
    started.forEach(Running::close);
  }

  private Running keep(Running process) {
    started.add(process);
    return process;
  }

  private Running zkinitree(Path file, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("zkinitree", "--servers", servers));
    arguments.addAll(List.of(options));
    arguments.add(file.toString());
    return keep(Running.sheaf(directory, "zkinitree" + started.size(), List.of(), arguments));
  }

  private Path config(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("tree" + started.size() + ".cfg"), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private String asKazooSees(Path file, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(Tools.SYSTEM_PYTHON, Tools.script("zkinitree.py")));
    command.addAll(List.of(servers, file.toString()));
    command.addAll(List.of(options));
    Running kazoo = Running.command(directory, "kazoo" + started.size(), Map.of(), command);
    return keep(kazoo).endsWith(0, PATIENCE).out();
  }

  @Test
  void givesWhatKazooComputesForTenUsersInAnyOrder() throws Exception {
    Tools.needPythonModule("kazoo");
    long seed = Long.getLong("sheaf.seed", System.nanoTime());
    System.out.println("ZkInitreeIT: -Dsheaf.seed=" + seed);
    Path file = config(new RandomTree(seed).text());
    zkinitree(file, "--check").endsWith(1, PATIENCE);
    String made = zkinitree(file).endsWith(0, PATIENCE).out();
    assertThat(made.lines().filter(line -> line.startsWith("create "))).hasSize(25);
    String found = asKazooSees(file);
    assertThat(found).as("seed %s", seed).endsWith("users 12 znodes 25 trials 1800 wrong 0\n");
    assertThat(zkinitree(file, "--check", "--prune").endsWith(0, PATIENCE).out()).isEmpty();

    // Other paths, rights and passwords: what is there is mended, or goes.
    Path other = config(sameUsers(file, new RandomTree(seed + 1).text()));
    zkinitree(other, "--prune").endsWith(0, PATIENCE);
    assertThat(asKazooSees(other, "old-data")).as("seed %s", seed).endsWith(" wrong 0\n");
    zkinitree(other, "--check", "--prune").endsWith(0, PATIENCE);
    System.out.print(found);
  }

  /** Root keeps its password, or it could not change what it has made. */
  private static String sameUsers(Path before, String text) throws IOException {
    String root = "(?s).*\\[root\\]\npath = /\n(passwd=[^\n]*).*";
    String password = Files.readString(before).replaceAll(root, "$1");
    return text.replaceFirst(
        "(\\[root\\]\npath = /\n)passwd=[^\n]*", "$1" + Matcher.quoteReplacement(password));
  }

  @Test
  void theFileThatVscZkComesWithIsTakenAsItIs() throws Exception {
    Tools.needPythonModule("kazoo");
    Path file =
        config(
            """
            [MAIN]
            servers=127.0.0.1:2181

            [root]
            passwd=admin
            path=/

            [user1]
            passwd=xyz

            [sys]
            passwd=sis

            [user3]
            passwd=bla

            [/admin/rsync]
            rwcd=user1,user3
            all=

            [/admin]
            r=sys
            rw=user3,user1
            c=user3
            all=

            [/admin/tools]
            all=sys
            """);
    zkinitree(file).endsWith(0, PATIENCE);
    assertThat(asKazooSees(file)).endsWith("users 5 znodes 3 trials 90 wrong 0\n");
  }

  @Test
  void holdsEphemeralZnodesUntilSigterm() throws Exception {
    Path file = config("[root]\npasswd=x\n[/a]\n[/a/alive]\nephemeral=true\n");
    Running holder = zkinitree(file, "--hold");
    holder.prints("sheaf: holds /a/alive until SIGTERM", PATIENCE);
    assertThat(zkinitree(file, "--check").endsWith(0, PATIENCE).out()).isEmpty();
    holder.terminate();
    holder.endsWith(0, PATIENCE);
    String gone = "create /a/alive: ephemeral\n+ root=rwcda\n";
    assertThat(zkinitree(file, "--check").endsWith(1, PATIENCE).out()).isEqualTo(gone);

    Running killed = zkinitree(file, "--hold", "--session-timeout", "3s");
    killed.prints("until SIGTERM", PATIENCE);
    Running standby = zkinitree(file, "--hold");
    standby.prints("until SIGTERM", PATIENCE);
    killed.kill();
    eventually(
        "the standby has made it",
        PATIENCE,
        () -> standby.err().contains("sheaf: made again: /a/alive"));
    assertThat(zkinitree(file, "--check").endsWith(0, PATIENCE).out()).isEmpty();
  }
}
