package io.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker and a coordinator as commands, and the other commands around them. */
@Timeout(120)
class SessionCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private TestingServer server;
  private Path base;
  private Path socket;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    base = Files.createDirectory(directory.resolve("base"));
    socket = directory.resolve("s");
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private Cli cli() {
    return new Cli()
        .with("SHEAF_SERVERS", server.getConnectString())
        .with("SHEAF_SESSION", "job")
        .with("SHEAF_BASE", base.toString())
        .with("SHEAF_SOCKET", socket.toString());
  }

  private CompletableFuture<Cli.Run> background(String marker, String... arguments)
      throws InterruptedException {
    StringWriter err = new StringWriter();
    CompletableFuture<Cli.Run> run =
        CompletableFuture.supplyAsync(
            () -> cli().run(new StringWriter(), err, arguments), task -> new Thread(task).start());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    Object pause = new Object();
    while (!err.toString().contains(marker)) {
      assertThat(run).as(err.toString()).isNotDone();
      assertThat(System.nanoTime()).as("started in time").isLessThan(end);
      synchronized (pause) {
        pause.wait(10);
      }
    }
    return run;
  }

  private Path file(String name, String contents) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, contents);
  }

  @Test
  void fromDepositToVerify() throws Exception {
    var coordinator = background("serves job", "coordinator", "--rotate-interval", "200ms");
    var worker = background("takes deposits", "worker", "--rotate-interval", "200ms");

    Path one = file("in/one", "first");
    Path two = file("in/sub/two words", "second");
    Files.setPosixFilePermissions(one, PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(two, PosixFilePermissions.fromString("rwxr-x---"));
    Files.createDirectories(directory.resolve("in/none/empty"));
    Cli.Run put = cli().run("put", "-R", directory.resolve("in").toString(), "a.zip/");
    assertThat(put.err()).isEmpty();
    assertThat(put.out()).isEqualTo("2 files deposited, 11 B\n");
    assertThat(cli().in("piped").run("put", "-", "b/c.zip/stdin").status()).isZero();
    Path list = file("list", one + "\tb/c.zip/listed\n" + directory + "/none\tb/c.zip/none\n");
    Cli.Run listed = cli().run("put", "--files-from", list.toString(), "--output", "json");
    assertThat(listed.status()).isEqualTo(1);
    assertThat(listed.err()).contains("none: no such file").hasLineCount(1);
    assertThat(JSON.readTree(listed.out()).path("files").asInt()).isEqualTo(1);
    Cli.Run refused = cli().run("put", one.toString(), "a.zip/../x");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains(one.toString(), "..").hasLineCount(1);

    Cli.Run status = cli().run("session", "status", "job", "--output", "json");
    assertThat(status.status()).isZero();
    JsonNode json = JSON.readTree(status.out());
    assertThat(json.path("state").asText()).isEqualTo("open");
    assertThat(json.path("workers")).hasSize(1);
    assertThat(json.path("coordinators")).hasSize(1);
    assertThat(cli().run("session", "status").out())
        .contains("session job: open", "backlog:", "POSIX locks: ");

    Cli.Run drain = cli().run("session", "drain", "job");
    assertThat(drain.err()).doesNotContain("Exception");
    assertThat(drain.status()).isZero();
    assertThat(drain.out()).contains("session job: closed", "5 files", "2 archives");
    assertThat(worker.get(30, TimeUnit.SECONDS).status()).isZero();
    assertThat(coordinator.get(30, TimeUnit.SECONDS).status()).isZero();

    assertThat(cli().run("session", "status", "job").status()).isEqualTo(14);
    assertThat(cli().run("session", "drain", "job").status()).isEqualTo(14);
    assertThat(cli().run("ls").out()).contains("a.zip", "b/c.zip");
    assertThat(cli().run("ls", "a.zip").out())
        .containsPattern("-rwxr-x--- +6 .* in/sub/two words")
        .containsPattern("-rw-r--r-- +5 .* in/one")
        .containsPattern("drwxr-xr-x +0 .* in/none/empty/");
    JsonNode entries = JSON.readTree(cli().run("ls", "a.zip", "--output", "json").out());
    assertThat(entries).hasSize(3);
    assertThat(entries.findValuesAsText("mode")).containsOnly("100750", "100644", "40755");
    assertThat(cli().run("ls", "no.zip").status()).isEqualTo(1);
    Cli.Run cat = cli().run("cat", "b/c.zip/stdin", "a.zip/in/sub/two words");
    assertThat(cat.contents()).isEqualTo("pipedsecond");
    assertThat(cli().run("cat", "a.zip/none").err()).contains("no entry a.zip/none");
    assertThat(cli().run("verify", "--deep").status()).isZero();

    flip(base.resolve("a.zip"));
    Cli.Run damaged = cli().run("verify");
    assertThat(damaged.status()).isEqualTo(1);
    assertThat(damaged.out()).contains("damaged");
    assertThat(JSON.readTree(cli().run("verify", "--output", "json").out())).isNotNull();
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void drainWithoutCoordinatorSaysSoAndKeepsTheTimeout() throws Exception {
    var worker = background("takes deposits", "worker");
    Cli.Run drain = cli().run("session", "drain", "--timeout", "6s");
    assertThat(drain.status()).isEqualTo(1);
    assertThat(drain.err()).contains("no coordinator is alive", "not drained after 6s");
    assertThat(worker.get(30, TimeUnit.SECONDS).status()).isZero();
    // A coordinator that comes now ends it.
    assertThat(background("serves job", "coordinator").get(30, TimeUnit.SECONDS).status()).isZero();
  }

  @Test
  void aMemberWithOtherParametersIsRefused() throws Exception {
    var coordinator = background("serves job", "coordinator", "--rotate-bytes", "1M");
    Cli.Run other = cli().run("coordinator", "--rotate-bytes", "2M");
    assertThat(other.status()).isEqualTo(2);
    assertThat(other.err()).contains("rotate_bytes", "1M", "2M", "--rotate-bytes");
    assertThat(cli().run("worker", "--join", "--session", "none").status()).isEqualTo(14);
    var joined = background("serves job", "coordinator", "--join", "--rotate-bytes", "2M");
    Cli.Run list = cli().run("session", "list");
    assertThat(list.out()).containsPattern("job +open +0 +2 ");
    assertThat(cli().run("session", "plan").out())
        .contains("2 members would finish and leave", "would merge 0 batches");
    assertThat(cli().run("session", "clean").err()).contains("members are alive");
    assertThat(cli().run("session", "drain").status()).isZero();
    assertThat(coordinator.get(30, TimeUnit.SECONDS).status()).isZero();
    assertThat(joined.get(30, TimeUnit.SECONDS).status()).isZero();
    assertThat(cli().run("session", "list").out()).containsPattern("job +closed +0 +0 ");
    assertThat(cli().run("session", "clean").status()).isEqualTo(14);
  }

  @Test
  void aDirectoryThatIsNoBaseIsNamed() throws Exception {
    Path missing = directory.resolve("not-mounted");
    for (String[] command :
        List.of(
            new String[] {"session", "list"},
            new String[] {"session", "plan", "job"},
            new String[] {"session", "clean", "job"},
            new String[] {"session", "status", "job"},
            new String[] {"session", "drain", "job"},
            new String[] {"worker", "--join", "--session", "job"},
            new String[] {"ls"})) {
      for (Path none : List.of(missing, base)) {
        Cli.Run run = new Cli().with("SHEAF_BASE", none.toString()).run(command);
        assertThat(run.err())
            .as(String.join(" ", command))
            .contains(none + " is no base directory", "mount its filesystem")
            .hasLineCount(1);
        assertThat(run.status()).isEqualTo(1);
      }
    }
    assertThat(missing).doesNotExist();
    assertThat(base).isEmptyDirectory();
    Cli.Run neither = new Cli().run("session", "list");
    assertThat(neither.status()).isEqualTo(2);
    assertThat(neither.err()).contains("neither --servers nor --base is given");
  }

  @Test
  void localEndsWithTheStatusOfItsCommand() throws Exception {
    Cli local = new Cli().with("SHEAF_SERVERS", "127.0.0.1:1");
    String check = "test -S \"$SHEAF_SOCKET\" && test \"$SHEAF_SESSION\" = local && exit 7";
    Cli.Run run = local.run("local", "-r", base.toString(), "--", "sh", "-c", check);
    assertThat(run.status()).isEqualTo(7);
    Cli.Run json =
        local.run("local", "-r", base.toString(), "--output", "json", "--", "sh", "-c", "exit 0");
    assertThat(json.status()).isZero();
    assertThat(JSON.readTree(json.out()).path("state").asText()).isEqualTo("closed");
    assertThat(json.err()).hasLineCount(1);
    Cli.Run none = local.run("local", "-r", base.toString(), "--", "/no/such/program");
    assertThat(none.status()).isEqualTo(127);
    assertThat(none.err()).contains("/no/such/program").hasLineCount(1);
    Cli.Run unfit = local.run("local", "-r", base.toString(), "--", directory.toString());
    assertThat(unfit.status()).isEqualTo(126);
    assertThat(unfit.err()).contains(directory.toString(), "permission").hasLineCount(1);
    Path file = file("no-directory", "");
    Cli.Run nowhere = local.run("local", "-r", file.toString(), "--", "true");
    assertThat(nowhere.status()).isEqualTo(1);
    assertThat(nowhere.err()).contains(file.toString(), "is no directory").hasLineCount(1);
  }

  @Test
  void eachLocalSessionCountsForItself() throws Exception {
    Cli local = new Cli();
    Path nothing = file("nothing.zip", "");
    Path inbox = base.resolve(".sheaf/inbox");
    String curl = "curl -s -f --unix-socket \"$SHEAF_SOCKET\" -T " + nothing + " http://l/a.zip/";
    assertThat(local.run("local", "-r", base.toString(), "--", "sh", "-c", curl + "1").err())
        .contains("1 file (0 B) in 1 archive");
    assertThat(local.run("local", "-r", base.toString(), "--", "sh", "-c", curl + "2").err())
        .contains("1 file (0 B) in 1 archive");

    // What somebody puts into the inbox stops nothing, and is told.
    Files.createDirectories(inbox.resolve("a.zip/directory.zip"));
    Files.copy(nothing, inbox.resolve("a.zip/no-batch.zip"));
    Files.copy(nothing, inbox.resolve("a.zip/notes.txt"));
    Files.copy(nothing, inbox.resolve("misplaced.zip"));
    assertThat(cli().run("verify").status()).isEqualTo(1);
    Cli.Run run = local.run("local", "-r", base.toString(), "--", "sh", "-c", curl + "3");
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.err()).contains("1 file (0 B) in 1 archive", "sheaf verify -r " + base);
    Cli.Run verify = cli().run("verify");
    assertThat(verify.status()).isEqualTo(3);
    assertThat(verify.out())
        .contains("quarantine/a.zip/directory.zip: it is no regular file")
        .contains("quarantine/a.zip/no-batch.zip:")
        .contains("stray: .sheaf/inbox/a.zip/notes.txt", "stray: .sheaf/inbox/misplaced.zip");
    assertThat(cli().run("ls").out()).doesNotContain("misplaced");
  }

  @Test
  void zkinitreeChecksAndBuilds() throws Exception {
    List<String> lines = new ArrayList<>();
    lines.add("[MAIN]");
    lines.add("servers=" + server.getConnectString());
    lines.add("[root]");
    lines.add("passwd_env=ROOT_PASSWORD");
    lines.add("[/sheaf]");
    lines.add("all=root");
    Path plan = Files.write(directory.resolve("plan.cfg"), lines);
    Cli cli = new Cli().with("ROOT_PASSWORD", "secret");
    assertThat(cli.run("zkinitree", "--check", plan.toString()).status()).isEqualTo(1);
    assertThat(cli.run("zkinitree", "--dry-run", plan.toString()).out()).contains("/sheaf");
    assertThat(cli.run("zkinitree", "--check", plan.toString()).status()).isEqualTo(1);
    Cli.Run build = cli.run("zkinitree", plan.toString());
    assertThat(build.err()).isEmpty();
    assertThat(build.status()).isZero();
    assertThat(cli.run("zkinitree", "--check", plan.toString()).status()).isZero();
    assertThat(build.out() + build.err()).doesNotContain("secret");
  }
}
