package io.sheaf.nio;

import io.sheaf.deposit.LanesFixture;
import io.sheaf.worker.DoorFixture;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file system over a socket. */
@Timeout(120)
abstract class NioTestCase {
  @TempDir Path directory;
  DoorFixture door;
  FileSystem fs;

  @BeforeEach
  void open() throws IOException {
    door = new DoorFixture(directory, LanesFixture.linking());
    fs = FileSystems.newFileSystem(uri(""), java.util.Map.of());
  }

  @AfterEach
  void close() throws IOException {
    fs.close();
    door.close();
  }

  URI uri(String path) {
    String socket = URLEncoder.encode(door.socket().toString(), StandardCharsets.UTF_8);
    return URI.create("sheaf:///" + path + "?socket=" + socket);
  }

  Path path(String text) {
    return fs.getPath(text);
  }
}
