package io.sheaf.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.sheaf.archive.MergePlan;
import io.sheaf.archive.MergePolicy;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.conf.Settings;
import io.sheaf.disk.Disk;
import io.sheaf.scavenge.SessionCleaning;
import io.sheaf.tree.SessionRecord;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * What the end of a session would do: a drain, or a clean-up when no member is alive.
 *
 * @param state as in ZooKeeper, or {@code left} when only the base directory knows the session
 * @param alive members that would be waited for
 * @param merges what would be merged, whichever session it is of
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SessionPlan(
    String session, String state, String base, List<String> alive, MergePlan merges) {

  /** Looks; changes nothing. */
  public static SessionPlan of(
      Disk disk, BaseDirectory base, SessionCleaning cleaning, SessionRecord record, boolean known)
      throws IOException {
    Settings settings = Settings.builder().build().underSession(record.name(), record.parameters());
    return new SessionPlan(
        record.name(),
        known ? record.state().name().toLowerCase(Locale.ROOT) : "left",
        base.root().toString(),
        cleaning.alive(record.name()),
        MergePlan.of(disk, base, MergePolicy.of(settings)));
  }
}
