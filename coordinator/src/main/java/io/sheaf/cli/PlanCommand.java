package io.sheaf.cli;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.WorkerId;
import io.sheaf.disk.Disk;
import io.sheaf.disk.SystemDisk;
import io.sheaf.scavenge.SessionCleaning;
import io.sheaf.session.SessionPlan;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.SessionRecord;
import java.io.IOException;
import java.time.Clock;
import picocli.CommandLine.Command;

/** {@code sheaf session plan}. */
@Command(
    name = "plan",
    description = {
      "Says what a drain, or a clean-up, would do now: who would be waited for, what would be"
          + " salvaged, which archives would be written and how. Changes nothing."
    },
    footer = {"", "Examples:", "  sheaf session plan job7 -r /shared/out --servers zk1:2181"})
final class PlanCommand extends SessionVerb {
  PlanCommand(Context context) {
    super(context);
  }

  @Override
  public Integer call() throws IOException {
    Settings settings = settings();
    print(this, settings, settings.get(Keys.SESSION));
    return ExitStatus.DONE;
  }

  /** For all commands that can say what they would do to a session. */
  static void print(SheafCommand command, Settings settings, String session) throws IOException {
    Disk disk = new SystemDisk();
    try (FoundSession found = FoundSession.ifItAnswers(settings, disk)) {
      BaseDirectory base = found.base(session);
      SessionCleaning cleaning =
          new SessionCleaning(
              disk, base, found.tree(), WorkerId.create().toString(), Clock.systemUTC());
      SessionRecord record =
          cleaning.find(session).orElseThrow(() -> new NoSuchSessionException(session, null));
      boolean known = found.tree() != null && found.tree().session(session).isPresent();
      Plans.print(command, SessionPlan.of(disk, base, cleaning, record, known));
    }
  }
}
