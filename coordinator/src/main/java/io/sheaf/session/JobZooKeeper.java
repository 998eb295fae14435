package io.sheaf.session;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.InDirectory;
import io.sheaf.disk.Publication;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.zookeeper.client.ConnectStringParser;

/**
 * The ZooKeeper that runs for one session alone, inside its job: {@code
 * .sheaf/open/NAME/zookeeper.json}. Members that are given no servers find it there.
 *
 * @param version of this format, {@value #VERSION}
 * @param servers {@code host:port,host:port}
 * @param started milliseconds since the epoch
 */
public record JobZooKeeper(int version, String servers, long started) {
  public static final int VERSION = 1;

  /** One that runs on a node of the job answers within this, or is gone. */
  private static final int ANSWER_MILLIS = 3_000;

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  static Path file(BaseDirectory base, String session) {
    return base.openSession(session).resolve("zookeeper.json");
  }

  /** The passwords of its users, readable by the session's owner alone. */
  static Path credentials(BaseDirectory base, String session) {
    return base.openSession(session).resolve("credentials.json");
  }

  /** The one of a session; empty when none was started for it. */
  public static Optional<JobZooKeeper> find(Disk disk, BaseDirectory base, String session)
      throws IOException {
    Optional<byte[]> json = disk.readIfPresent(file(base, session));
    return json.isEmpty()
        ? Optional.empty()
        : Optional.of(JSON.readValue(json.get(), JobZooKeeper.class));
  }

  /** Tells all members; durable when this returns. */
  void write(Disk disk, BaseDirectory base, String session) throws IOException {
    Path file = file(base, session);
    byte[] json = JSON.writeValueAsBytes(this);
    InDirectory.change(disk, InDirectory.of(file), () -> Publication.replace(disk, file, json));
  }

  /** Whether one of its servers accepts connections. */
  public boolean answers() {
    for (InetSocketAddress server : new ConnectStringParser(servers).getServerAddresses()) {
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(server.getHostString(), server.getPort()), ANSWER_MILLIS);
        return true;
      } catch (IOException e) {
        // The next one may.
      }
    }
    return false;
  }
}
