package io.sheaf.worker;

import io.sheaf.deposit.LaneOptions;
import io.sheaf.deposit.LanesFixture;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** A worker's socket over lanes, for the tests of clients. The door can be shut and opened. */
public final class DoorFixture implements Closeable {
  public final LanesFixture lanes;
  private final Path socket;
  private HttpDoor door;

  public DoorFixture(Path directory, LaneOptions options) throws IOException {
    this.lanes = new LanesFixture(directory.resolve("base"), options);
    this.socket = directory.resolve("s/w.sock");
    this.door = open();
  }

  private HttpDoor open() throws IOException {
    return new HttpDoor(socket, Peers.OWN, lanes.lanes, () -> new byte[0], 4);
  }

  public Path socket() {
    return socket;
  }

  public void shut() throws IOException {
    door.close();
  }

  public void reopen() throws IOException {
    door = open();
  }

  @Override
  public void close() throws IOException {
    door.close();
    lanes.close();
  }
}
