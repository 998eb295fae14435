package io.sheaf.cli;

import io.sheaf.adopt.AdoptionReport;
import io.sheaf.adopt.Delivery;
import io.sheaf.archive.RecoveryReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code sheaf adopt} has done, as it is printed. */
final class AdoptionOutcome {
  private final List<Delivery.Delivered> delivered;
  private final List<String> notes = new ArrayList<>();
  private @Nullable AdoptionReport adopted;
  private @Nullable RecoveryReport merged;

  AdoptionOutcome(List<Delivery.Delivered> delivered) {
    this.delivered = delivered;
  }

  void adopted(AdoptionReport report) {
    adopted = report;
  }

  void merged(RecoveryReport report) {
    merged = report;
  }

  /** Says why something was not done here. */
  void note(String line) {
    notes.add(line);
  }

  AdoptionReport taken() {
    return adopted == null ? new AdoptionReport(0, 0, 0, 0, 0, List.of(), List.of()) : adopted;
  }

  /** Whether there is anything to be told by who looks again and again. */
  boolean isNews() {
    AdoptionReport a = taken();
    return a.taken() + a.again() + a.aside() > 0
        || !a.failed().isEmpty()
        || (merged != null && !merged.archives().isEmpty());
  }

  int status() {
    RecoveryReport report = merged;
    if (!taken().succeeded() || (report != null && !report.succeeded())) {
      return ExitStatus.FAILED;
    }
    boolean aside = delivered.stream().anyMatch(d -> d.outcome() == Delivery.Outcome.ASIDE);
    boolean complete = report == null ? taken().aside() == 0 : report.complete();
    return complete && !aside ? ExitStatus.DONE : ExitStatus.IN_PART;
  }

  void print(SheafCommand command) {
    if (command.isJson()) {
      Json.print(command.out(), json());
      return;
    }
    delivered.forEach(
        d -> command.out().println(d.name() + ": " + d.outcome().name().toLowerCase(Locale.ROOT)));
    if (adopted != null) {
      command.out().println(line(adopted));
      adopted.waiting().forEach(left -> command.out().println("left: " + left));
      adopted.failed().forEach(left -> command.err().println("sheaf: " + left));
    }
    notes.forEach(note -> command.err().println("sheaf: " + note));
    if (merged != null) {
      RecoverCommand.print(merged, command.out());
    }
  }

  private static String line(AdoptionReport a) {
    StringBuilder line = new StringBuilder("taken: ").append(Text.count(a.taken(), "zip"));
    append(line, a.repaired(), "repaired");
    append(line, a.again(), "here before");
    append(line, a.aside(), "put into quarantine");
    append(line, a.young(), "left to their writers");
    return line.toString();
  }

  private static void append(StringBuilder line, long count, String what) {
    if (count > 0) {
      line.append("; ").append(Text.count(count)).append(' ').append(what);
    }
  }

  private Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    if (!delivered.isEmpty()) {
      all.put("delivered", delivered);
    }
    if (adopted != null) {
      all.put("adopted", adopted);
    }
    if (merged != null) {
      all.put("merged", merged);
    }
    all.put("notes", notes);
    return all;
  }
}
