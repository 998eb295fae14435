package io.sheaf.cli;

import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.daemon.Names;
import io.sheaf.disk.Disk;
import io.sheaf.disk.Publication;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.SessionSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file that tells whoever waits for it that a session is closed, and what became of it. */
final class DoneFile {
  private static final Logger LOG = LoggerFactory.getLogger(DoneFile.class);

  private final Disk disk = new SystemDisk();
  private final @Nullable Path path;

  private DoneFile(@Nullable Path path) {
    this.path = path;
  }

  /**
   * The one that the settings name, if any; its directory is made now.
   *
   * @throws IOException when it could not be written: better known now than at the end
   */
  static DoneFile of(Settings settings, String role) throws IOException {
    Optional<String> template = settings.find(Keys.DONE_FILE);
    DoneFile file = new DoneFile(template.map(t -> Names.path(t, settings, role)).orElse(null));
    file.prepare();
    return file;
  }

  private void prepare() throws IOException {
    if (path == null || path.getParent() == null) {
      return;
    }
    disk.createDirectories(path.getParent());
    if (!Files.isWritable(path.getParent())) {
      throw new IOException(path.getParent() + " cannot be written: give another --done-file");
    }
    if (disk.stat(path).isPresent()) {
      LOG.warn("{} is there already: it is replaced when this session is closed", path);
    }
  }

  /** Writes it, whole and durable; without a summary the session was not closed, so nothing. */
  void write(Optional<SessionSummary> summary) throws IOException {
    if (path != null && summary.isPresent()) {
      Publication.replace(disk, path, Json.bytes(summary.get()));
    }
  }
}
