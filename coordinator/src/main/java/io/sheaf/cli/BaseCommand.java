package io.sheaf.cli;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.util.List;

/** What the commands share that read a base directory, without ZooKeeper. */
abstract class BaseCommand extends SheafCommand {
  final Disk disk = new SystemDisk();

  BaseCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.BASE);
  }

  /** The base directory, which must be one already: reading makes nothing. */
  BaseDirectory base() throws IOException {
    return BaseDirectory.named(disk, settings().get(Keys.BASE));
  }
}
