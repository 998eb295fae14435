package io.sheaf.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.sheaf.archive.ArchiveView;
import io.sheaf.archive.ArchiveView.Entry;
import io.sheaf.archive.ArchiveView.State;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.zip.Attributes;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sheaf ls}. */
@Command(
    name = "ls",
    description = {
      "Lists entries, merged ones and those that wait, in one view: mode, size, time, name.",
      "Without ARCHIVE it lists the archives. It needs no ZooKeeper."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf ls -r out",
      "  sheaf ls -r out results.zip",
      "  sheaf ls -r out results.zip --output json | jq -r '.[].name'"
    })
final class ListCommand extends BaseCommand {
  @Parameters(arity = "0..1", paramLabel = "ARCHIVE", description = "Such as results.zip.")
  private @Nullable String archive;

  ListCommand(Context context) {
    super(context);
  }

  /** An archive in the list of all. */
  record Line(String archive, long entries, long bytes, long pending) {}

  /** An entry as printed. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EntryLine(
      String archive,
      String name,
      long size,
      long modified,
      String mode,
      @Nullable String owner,
      String state) {}

  @Override
  public Integer call() throws IOException {
    BaseDirectory base = base();
    ArchiveView view = new ArchiveView(disk, base);
    if (archive == null) {
      printArchives(archives(view));
    } else if (view.archives().contains(archive) || disk.stat(base.archive(archive)).isPresent()) {
      printEntries(view.list(archive));
    } else {
      throw new FailedException(
          ExitStatus.FAILED, "no archive " + archive + " in " + base.root() + ": see 'sheaf ls'");
    }
    return ExitStatus.DONE;
  }

  private static List<Line> archives(ArchiveView view) throws IOException {
    List<Line> lines = new ArrayList<>();
    for (String name : view.archives()) {
      List<Entry> entries = view.list(name);
      long pending = entries.stream().filter(e -> e.state() == State.PENDING).count();
      long bytes = entries.stream().mapToLong(Entry::size).sum();
      lines.add(new Line(name, entries.size() - pending, bytes, pending));
    }
    return lines;
  }

  private void printArchives(List<Line> lines) {
    if (isJson()) {
      Json.print(out(), lines);
      return;
    }
    Text.Table table = new Text.Table("archive", "#entries", "#pending", "#size");
    for (Line line : lines) {
      table.row(
          line.archive(),
          Text.count(line.entries()),
          Text.count(line.pending()),
          Text.bytes(line.bytes()));
    }
    table.print(out());
  }

  private void printEntries(List<Entry> entries) {
    if (isJson()) {
      Json.print(out(), entries.stream().map(ListCommand::line).toList());
      return;
    }
    for (Entry e : entries) {
      String time = Instant.ofEpochSecond(e.modified()).toString();
      String mark = e.state() == State.PENDING ? " (pending)" : "";
      String mode = Modes.text(e.attributes());
      out()
          .println(
              String.format(
                  Locale.ROOT, "%s %12d  %s  %s%s", mode, e.size(), time, e.name(), mark));
    }
  }

  private static EntryLine line(Entry e) {
    String state = e.state().name().toLowerCase(Locale.ROOT);
    Attributes attributes = e.attributes();
    return new EntryLine(
        e.archive(),
        e.name(),
        e.size(),
        e.modified(),
        Integer.toOctalString(attributes.mode()),
        Modes.owner(attributes),
        state);
  }
}
