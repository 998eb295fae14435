package io.sheaf.worker;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Compression;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.LaneOptions;
import io.sheaf.deposit.Lanes;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/**
 * A door and lanes without ZooKeeper, to be measured: arguments BASE SOCKET. Ends with its stdin.
 */
final class DoorMain {
  private DoorMain() {}

  public static void main(String[] args) throws Exception {
    Disk disk = new SystemDisk();
    BaseDirectory base = BaseDirectory.create(disk, Path.of(args[0]));
    LaneOptions options =
        new LaneOptions(
            Compression.STORED,
            Duration.ofMinutes(5),
            256L << 20,
            60_000,
            Durability.WRITE,
            64,
            Runtime.getRuntime().maxMemory() / 2,
            0,
            false);
    Lanes lanes =
        new Lanes(
            disk,
            base,
            "bench",
            WorkerId.create().toString(),
            options,
            Clock.systemUTC(),
            batch -> {});
    HttpDoor door = new HttpDoor(Path.of(args[1]), Peers.OWN, lanes, () -> new byte[0], 32);
    System.in.read();
    lanes.refuse("the end");
    lanes.awaitQuiet(Duration.ofSeconds(10));
    lanes.flush(Duration.ofMinutes(1));
    System.err.println(lanes.status());
    door.close();
    lanes.close();
  }
}
