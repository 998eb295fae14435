package io.sheaf.session;

import io.sheaf.archive.ArchiveView;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.worker.EntryView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a worker shows of batches that are closed, anybody's, and of archives. */
public final class WorkerEntries implements EntryView {
  private final ArchiveView view;

  private WorkerEntries(ArchiveView view) {
    this.view = view;
  }

  /** Those of a base directory. */
  public static EntryView of(Disk disk, BaseDirectory base) {
    return new WorkerEntries(new ArchiveView(disk, base));
  }

  @Override
  public Optional<Found> find(String archive, String name) throws IOException {
    return view.newest(archive, name).map(found -> new Found(listed(found.entry()), found.in()));
  }

  @Override
  public List<Listed> list(String archive, String prefix) throws IOException {
    List<Listed> newest = new ArrayList<>();
    view.list(archive, prefix).forEach(entry -> newest.add(listed(entry)));
    Collections.reverse(newest); // Merged ones come first there.
    return newest;
  }

  private static Listed listed(ArchiveView.Entry entry) {
    return new Listed(
        entry.name(),
        entry.size(),
        entry.modified(),
        entry.attributes(),
        entry.state().name().toLowerCase(Locale.ROOT));
  }
}
