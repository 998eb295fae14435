package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import io.sheaf.session.SessionList;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code sheaf session list}. */
@Command(
    name = "list",
    description = {
      "Lists sessions: those that ZooKeeper knows, and those of a base directory, closed ones too.",
      "One that is \"left\" has no member that is alive: 'sheaf session clean' ends it."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf session list --servers zk1:2181",
      "  sheaf session list -r /shared/out"
    })
final class SessionsCommand extends SheafCommand {
  SessionsCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(KeyOptions.SESSION, KeyOptions.ZOOKEEPER);
  }

  @Override
  public Integer call() throws IOException {
    Settings settings = settings();
    Disk disk = new SystemDisk();
    List<SessionList.Item> items;
    try (FoundSession found = FoundSession.ifItAnswers(settings, disk)) {
      items = SessionList.of(disk, found.tree(), found.base().orElse(null));
    }
    if (isJson()) {
      Json.print(out(), items);
    } else {
      print(items);
    }
    return ExitStatus.DONE;
  }

  private void print(List<SessionList.Item> items) {
    Text.Table table =
        new Text.Table(
            "session", "state", "#workers", "#coordinators", "created", "#files", "base");
    for (SessionList.Item item : items) {
      Long files = item.files();
      table.row(
          item.session(),
          item.state(),
          Text.count(item.workers()),
          Text.count(item.coordinators()),
          Instant.ofEpochMilli(item.created()).truncatedTo(ChronoUnit.SECONDS).toString(),
          files == null ? "" : Text.count(files),
          item.base());
    }
    table.print(out());
  }
}
