package io.sheaf.zkinit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sheaf.conf.ConfException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanReaderTest {
  private static final String ROOT = "[root]\npasswd=x\n";

  @TempDir Path temp;

  private Path file(String text, String mode) throws IOException {
    Path file = Files.writeString(temp.resolve("tree.cfg"), text.replace("\\n", "\n"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return file;
  }

  private TreePlan plan(String text) throws IOException {
    return TreePlan.read(file(text, "rw-------"), Map.of("EMPTY", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[a]\\npasswd=x|: no user [root]",
        "[root]\\npath=/|:1: user root needs one of passwd, passwd_file, passwd_env or id",
        "[root]\\npasswd=|:1: user root needs",
        "[root]\\npasswd=x\\npasswd_env=y|:1: user root needs",
        "[root]\\npasswd=x\\npath=b|:3: path: no path of a znode",
        "[root]\\npasswd=x\\npath=/b/|:3: path: no path of a znode",
        "x=y\\n[root]|:1: a key outside a section",
        "[MAIN]\\nserver=x\\n[root]\\npasswd=x|:2: unknown key server in [MAIN]",
        "[root]\\npasswd=x\\n[root]\\npasswd=y|:3: [root] is there twice, first in line 1",
        "[root]\\npasswd=hunter2\\npasswd=hunter2|:3: passwd is in [root] twice, first in line 2",
        "[root]\\npasswd=hunter2%|:2: no value is looked up for %: write %%",
        "[root]\\npasswd=%(hunter2)s|:2: no value is looked up for %: write %%",
        "[root]\\npasswd|:2: neither a section nor a key with a value",
        "[root]\\npasswd=hunter2\\n  [bob]|:3: an indented line goes on with the value above",
      })
  void refusesABadFileWithItsLine(String text, String message) {
    check(text, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[bob]\\npassword=hunter2|:4: unknown key password of user bob",
        "[bob]\\npasswd_env=NONE|:4: the environment variable NONE",
        "[bob]\\npasswd_env=EMPTY|:4: the environment variable EMPTY",
        "[bob]\\npasswd_file=none|:4: cannot read the password file",
        "[bob]\\npasswd_file=empty|:4: the password file",
        "[bob]\\npasswd_file=shared|:4: the password file",
        "[bob]|:3: user bob needs one of",
        "[b:c]\\npasswd=hunter2|:3: [b:c] can be no user",
        "[b,c]\\npasswd=hunter2|:3: [b,c] can be no user",
        "[DEFAULT]\\npasswd=hunter2|:3: [DEFAULT] has no meaning here",
        "[bob]\\nid=bob|:4: an id is scheme:id",
        "[bob]\\nid=sasl:|:4: an id is scheme:id",
        "[bob]\\nid=auth:bob|:4: auth: is whoever asks",
        "[bob]\\nid=digest:bob|:4: an id of the scheme digest is digest:user:hash",
        "[bob]\\nid=sasl:bob\\npasswd=hunter2|:3: user bob needs one of",
        "[/a]\\nr=bob|:4: user bob has no section: add [bob]",
        "[/a]\\nr=root,Root|:4: user Root has no section",
        "[/a]\\nrx=root|:4: unknown key rx: rights are all or some of the letters rwcda",
        "[/a]\\nR=root|:4: unknown key R: rights are",
        "[/a]\\nALL=root|:4: unknown key ALL: rights are",
        "[/a]\\nacl=root|:4: unknown key acl: rights are",
        "[/a/]|:3: [/a/]: no path of a znode",
        "[/a//b]|:3: [/a//b]: no path of a znode",
        "[/a/../b]|:3: [/a/../b]: no path of a znode",
        "[/a]\\n[ /a ]|:4: [/a] is there twice, first in line 3",
        "[/a]\\nr=root\\nr=root|:5: r is in [/a] twice, first in line 4",
        "[/a]\\nmakepath=perhaps|:4: makepath is true or false",
        "[/a]\\nprune=never|:4: prune is true or false",
        "[/a]\\nephemeral=1\\n[/a/b]|:5: [/a/b] cannot be under [/a], which is ephemeral",
        "[/a]\\nsequence=1\\n[/a/b/c]|:5: [/a/b/c] cannot be under [/a], which is ephemeral or a",
        "[/]\\nephemeral=true|:3: [/] is always there",
        "[/a]\\nroles=root|:4: roles are admin:USER1, coordinator:USER2, worker:USER3",
        "[/a]\\nroles=admin:root,worker:root|:4: roles are admin:USER1",
        "[/a]\\nroles=admin:root,worker:root,worker:root|:4: roles are admin:USER1",
        "[/a]\\nroles=admin:root,worker:root,coordinator:root,boss:root|:4: roles are",
        "[/a]\\nroles=admin:bob,worker:root,coordinator:root|:4: user bob has no section",
        "[/a]\\nroles=admin:root,worker:root,coordinator:root\\nvalue=x|:3: [/a] has roles",
      })
  void refusesABadUserOrZnodeWithItsLine(String text, String message) throws IOException {
    Path shared = Files.writeString(temp.resolve("shared"), "hunter2");
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rw-r-----"));
    Path empty = Files.writeString(temp.resolve("empty"), "");
    Files.setPosixFilePermissions(empty, PosixFilePermissions.fromString("rw-------"));
    check(ROOT + text, message);
  }

  private void check(String text, String message) {
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> plan(text))
        .withMessageStartingWith(temp.resolve("tree.cfg") + message)
        .withMessageNotContaining("hunter2");
  }

  @Test
  void refusesZnodesOutsideThePathOfRoot() throws IOException {
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> plan(ROOT + "path=/b\n[/b]\n[/b/c]\n[/bc]\n"))
        .withMessage(temp.resolve("tree.cfg") + ":6: [/bc] is not under the path of [root], /b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-"})
  void refusesPasswordsInAFileThatOthersCanRead(String mode) throws IOException {
    Path file = file(ROOT + "[/a]\n", mode);
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> TreePlan.read(file, Map.of()))
        .withMessage(
            "%s:2: there is a password in it, and %s is open to others: chmod 600 %s",
            file, file, file);
  }

  @Test
  void anybodyMayReadAFileWithReferencesOnly() throws IOException {
    Path password = Files.writeString(temp.resolve("pw"), "pass, # word \nsecond line\n");
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    Path file = file("[root]\npasswd_env=PW\n[bob]\npasswd_file=pw\n[/a]\nr=bob\n", "rw-rw-rw-");
    TreePlan plan = TreePlan.read(file, Map.of("PW", "secret"));
    assertThat(plan.servers()).isEmpty();
  }

  @Test
  void refusesEphemeralZnodesOfWhomeverDoesNotStay() throws IOException {
    TreePlan plan = plan(ROOT + "[/a]\n[/a/b]\nephemeral=yes\n");
    assertThat(plan.ephemerals()).containsExactly("/a/b");
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(plan::requirePersistent)
        .withMessage(
            temp.resolve("tree.cfg")
                + ":4: [/a/b] is ephemeral and would go when zkinitree ends: add --hold to stay");
    plan(ROOT + "[/a]\nephemeral=no\nsequence=\n").requirePersistent();
  }
}
