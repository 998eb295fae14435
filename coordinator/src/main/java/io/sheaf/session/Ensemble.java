package io.sheaf.session;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.Publication;
import io.sheaf.zkinit.EnsembleServer;
import io.sheaf.zkinit.ReservedPorts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How the servers of an ensemble find each other: each writes down its own address and ports in the
 * base directory, and waits until those of all are there.
 */
final class Ensemble {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int PORTS = 3;
  private static final long LOOK_MILLIS = 200;
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private Ensemble() {}

  /** What a server writes down. */
  record Announcement(String launch, EnsembleServer server) {}

  static List<EnsembleServer> gather(
      Disk disk, BaseDirectory base, String session, JobServer.Place place, String address)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    try (ReservedPorts reserved = ReservedPorts.of(address, PORTS)) {
      List<Integer> ports = reserved.ports();
      EnsembleServer own =
          new EnsembleServer(place.id(), address, ports.get(0), ports.get(1), ports.get(2));
      Publication.replace(
          disk,
          file(base, session, place.id()),
          JSON.writeValueAsBytes(new Announcement(place.launch(), own)));
      List<EnsembleServer> all = new ArrayList<>();
      for (int id = 1; id <= place.of(); id++) {
        all.add(await(disk, file(base, session, id), place.launch(), end));
      }
      return all;
    }
  }

  private static Path file(BaseDirectory base, String session, int id) {
    return base.openSession(session).resolve("server-" + id + ".json");
  }

  private static EnsembleServer await(Disk disk, Path file, String launch, long end)
      throws IOException, InterruptedException {
    while (true) {
      Optional<byte[]> json = disk.readIfPresent(file);
      if (json.isPresent()) {
        Announcement there = JSON.readValue(json.get(), Announcement.class);
        if (there.launch().equals(launch)) {
          return there.server();
        }
      }
      if (System.nanoTime() - end >= 0) {
        throw new IOException(file + ": that server of the ensemble has not come up");
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }
}
