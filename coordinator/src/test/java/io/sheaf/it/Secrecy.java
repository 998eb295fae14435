package io.sheaf.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;

/** Looks for passwords where they must not be. */
record Secrecy(List<String> passwords) {
  Secrecy {
    assertThat(passwords).allMatch(password -> password.length() > 8);
    passwords = List.copyOf(passwords);
  }

  /** Neither the arguments nor the environment of a process tell one. */
  void ofProcess(long pid) throws IOException {
    for (String file : List.of("cmdline", "environ")) {
      holds(Path.of("/proc/" + pid, file), Files.readAllBytes(Path.of("/proc/" + pid, file)));
    }
  }

  /** No file below a directory holds one, but those that are meant to. */
  void ofFiles(Path directory, Set<Path> meant) throws IOException {
    int read = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        if (meant.stream().noneMatch(file::startsWith)) {
          holds(file, Files.readAllBytes(file));
          read++;
        }
      }
    }
    assertThat(read).isGreaterThan(5);
  }

  /** No znode that this client may read holds one, as data or as a name. */
  int ofZnodes(ZooKeeper client, String path) throws Exception {
    int count = 1;
    try {
      holds(Path.of(path), client.getData(path, false, null));
      for (String child : client.getChildren(path, false)) {
        count += ofZnodes(client, (path.equals("/") ? "" : path) + "/" + child);
      }
    } catch (KeeperException.NoNodeException e) {
      return 0; // Merged meanwhile.
    }
    return count;
  }

  private void holds(Path where, byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertThat(passwords)
        .as("passwords in %s", where)
        .noneMatch(password -> text.contains(password) || where.toString().contains(password));
  }
}
