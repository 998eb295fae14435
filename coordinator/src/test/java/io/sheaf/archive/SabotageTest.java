package io.sheaf.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sheaf.disk.HookedDisk.Call;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That the crash tests bite: each sync, each order and the look into the ledger is switched off,
 * one at a time, and the sweep must find out. The list is in {@code docs/design.md}.
 */
class SabotageTest {
  private static final String ARCHIVES = "/base/b";
  private static final String LEDGERS = "/base/.sheaf/ledger/b";
  private static final String JOURNALS = "/base/.sheaf/journal/b";
  private static final String INBOX = "/base/.sheaf/inbox/b/ar.zip";
  private static final String MIXED = "/base/.sheaf/inbox/.mixed";
  private static final String APPENDS = "/base/.sheaf/inbox/.appends";
  private static final String QUARANTINE = "/base/.sheaf/quarantine/b/ar.zip";

  private static Arguments syncOf(String what, String ending, String... scenarios) {
    return left(what, scenarios, (call, before) -> path(call).endsWith(ending));
  }

  private static Arguments left(String what, String[] scenarios, Sabotage.When when) {
    return arguments(what, Sabotage.leavesOut(when), List.of(scenarios));
  }

  /** The sync of a directory after a change, which is named by the end of its text. */
  private static Arguments namesAfter(
      String what, String directory, String change, String... scenarios) {
    return left(
        what,
        scenarios,
        (call, before) ->
            path(call).equals(directory)
                && !before.isEmpty()
                && before.get(0).matches(".*" + change));
  }

  private static Arguments newDirectory(String what, String directory, String... scenarios) {
    return arguments(what, Sabotage.leavesOutSyncOfNew(directory), List.of(scenarios));
  }

  private static Arguments order(String what, Sabotage sabotage, String... scenarios) {
    return arguments(what, sabotage, List.of(scenarios));
  }

  private static String path(Call call) {
    return call.path().toString();
  }

  private static boolean isArchive(Call call) {
    return path(call).equals("/base/b/ar.zip");
  }

  private static boolean renamesTo(Call call, String ending) {
    return call.is("rename") && call.to().toString().endsWith(ending);
  }

  private static boolean syncs(Call call, String directory) {
    return call.is("syncDirectory") && path(call).equals(directory);
  }

  static Stream<Arguments> syncsOfContents() {
    return Stream.of(
        syncOf("the staged file", ".zip.new", "append"),
        syncOf("the journal of a replacement", ".undo.tmp", "append"),
        syncOf("the journal of an overwriting", ".undo.tmp", "append-in-place"),
        syncOf("the journal of a roll", ".undo.tmp", "roll"),
        syncOf("the pre-image", ".zip.image", "append-in-place"),
        left(
            "the archive, overwritten",
            new String[] {"append-in-place"},
            (call, before) -> call.is("sync") && isArchive(call) && !restores(before)),
        left(
            "the archive, restored",
            new String[] {"append-in-place"},
            (call, before) -> call.is("sync") && isArchive(call) && restores(before)),
        syncOf("the ledger", ".json.tmp", "append"),
        syncOf("the folded ledgers", "ledgers.json.tmp", "fold-again"),
        syncOf("a batch that is closed", ".zip.part", "worker-at-ease"),
        syncOf("an open batch, for who waits for it", ".zip.part", "worker"),
        syncOf("a batch that is written anew", ".zip.redo", "worker-anew"),
        syncOf("a batch that is salvaged", ".zip.redo", "salvage"),
        left(
            "bytes that go to quarantine",
            new String[] {"quarantine"},
            (call, before) -> path(call).matches(QUARANTINE + "/.*[0-9]\\.entry\\.tmp")),
        syncOf("a reason", ".reason.tmp", "quarantine"),
        left(
            "a zip of another program that is written anew",
            new String[] {"adopt-torn"},
            (call, before) -> call.is("sync") && path(call).contains("/incoming/")),
        left(
            "a batch that is delivered",
            new String[] {"deliver"},
            (call, before) -> call.is("sync") && path(call).contains("/incoming/")),
        syncOf("which zips are merged and gone", "adopted.json.tmp", "adopt-again"));
  }

  /** Whether the pre-image was opened since it was written. */
  private static boolean restores(List<String> before) {
    return before.stream()
        .filter(change -> change.endsWith(".image"))
        .findFirst()
        .filter(change -> change.startsWith("openForRead"))
        .isPresent();
  }

  static Stream<Arguments> syncsOfNames() {
    return Stream.of(
        namesAfter("the journal of a replacement", JOURNALS, "ar.zip.undo", "append"),
        namesAfter("the journal of an overwriting", JOURNALS, "ar.zip.undo", "append-in-place"),
        namesAfter("the journal of a roll", JOURNALS, "ar.zip.undo", "roll"),
        namesAfter("the archive", ARCHIVES, "ar.zip.new to .*", "append"),
        namesAfter("the volume", ARCHIVES, "ar-[0-9].zip", "roll"),
        namesAfter("the ledger", LEDGERS, "ar.zip.json", "append"),
        namesAfter("the volume's ledger", LEDGERS, "ar-[0-9].zip.json", "roll"),
        namesAfter("the folded ledgers", "/base/.sheaf", "ledgers.json", "fold-again"),
        namesAfter("an open batch", INBOX, "zip.part", "worker"),
        namesAfter("a closed batch", INBOX, "part to .*zip", "worker-at-ease"),
        namesAfter("a batch taken for salvage", INBOX, "delete .*redo", "salvage"),
        namesAfter("a batch written anew", INBOX, "redo to .*zip", "worker-anew"),
        namesAfter("a salvaged batch", INBOX, "redo to .*zip", "salvage"),
        namesAfter("a reason", QUARANTINE, "reason", "quarantine"),
        namesAfter("kept bytes", QUARANTINE, "entry", "quarantine"),
        namesAfter("a file moved to quarantine", QUARANTINE, "garbage.zip", "quarantine-file"),
        left(
            "a zip of another program that is written anew",
            new String[] {"adopt-torn"},
            (call, before) -> syncs(call, MIXED)),
        left(
            "a batch that is delivered",
            new String[] {"deliver"},
            (call, before) -> syncs(call, INBOX)),
        left(
            "zips that are merged and gone",
            new String[] {"adopt-forget"},
            (call, before) -> syncs(call, MIXED)));
  }

  static Stream<Arguments> newDirectories() {
    return Stream.of(
        newDirectory("of journals", "/base/.sheaf/journal", "first"),
        newDirectory("of ledgers", "/base/.sheaf/ledger", "first"),
        newDirectory("of archives", "/base/b", "first"),
        newDirectory("of batches", "/base/.sheaf/inbox", "worker"),
        newDirectory("of quarantine", "/base/.sheaf/quarantine", "quarantine"));
  }

  static Stream<Arguments> syncsOfRecovery() {
    return Stream.of(
        left(
            "the journal that is seen",
            new String[] {"roll"},
            (call, before) -> syncs(call, JOURNALS) && !follows(before, ".undo")),
        left(
            "the journal that is seen and the archive that was renamed",
            new String[] {"append"},
            (call, before) ->
                (syncs(call, JOURNALS) && !follows(before, ".undo"))
                    || (syncs(call, ARCHIVES) && before.get(0).startsWith("open"))),
        left(
            "the ledger that is seen",
            new String[] {"append"},
            (call, before) -> syncs(call, LEDGERS) && !follows(before, ".json")),
        left(
            "the ledgers that are seen, of a batch of several archives",
            new String[] {"mixed"},
            (call, before) ->
                call.is("syncDirectory")
                    && path(call).startsWith("/base/.sheaf/ledger")
                    && !follows(before, ".json")),
        left(
            "the ledger of a volume that is seen",
            new String[] {"roll"},
            (call, before) ->
                syncs(call, LEDGERS)
                    && before.get(0).startsWith("openForRead")
                    && before.get(0).matches(".*-[0-9].zip.json")));
  }

  /** Whether a rename to such a name was the last change. */
  private static boolean follows(List<String> before, String ending) {
    return before.get(0).startsWith("rename") && before.get(0).endsWith(ending);
  }

  private static boolean isBatch(Path file) {
    return file.toString().matches(INBOX + "/.*zip");
  }

  /** Whether the lock of a volume was taken, and nothing merged since. */
  private static boolean rolls(List<String> before) {
    return before.stream()
        .filter(change -> change.startsWith("tryLock") || change.contains(".zip.new"))
        .findFirst()
        .filter(change -> change.matches("tryLock .*-0.zip"))
        .isPresent();
  }

  static Stream<Arguments> orders() {
    return Stream.of(
        order(
            "the archive is renamed after the ledger was committed",
            Sabotage.holdsBack(
                c -> renamesTo(c, "/b/ar.zip") && path(c).endsWith(".new"), c -> syncs(c, LEDGERS)),
            "append"),
        order(
            "the archive is renamed before the journal is there",
            Sabotage.holdsBack(
                c -> renamesTo(c, ".undo") || syncs(c, JOURNALS), c -> renamesTo(c, "/b/ar.zip")),
            "append"),
        order(
            "the archive is overwritten before the journal is there",
            Sabotage.holdsBack(
                c -> renamesTo(c, ".undo") || syncs(c, JOURNALS),
                c -> isArchive(c) && c.is("sync")),
            "append-in-place"),
        order(
            "the archive is renamed to a volume before the journal is there",
            Sabotage.holdsBack(
                (c, before) -> (renamesTo(c, ".undo") || syncs(c, JOURNALS)) && rolls(before),
                c -> renamesTo(c, "-0.zip")),
            "roll"),
        order(
            "the staged file is synced after it was renamed",
            Sabotage.holdsBack(
                c -> c.is("sync") && path(c).endsWith(".new"), c -> syncs(c, ARCHIVES)),
            "append"),
        order(
            "the archive is synced after the ledger was committed",
            Sabotage.holdsBack(c -> c.is("sync") && isArchive(c), c -> syncs(c, LEDGERS)),
            "append-in-place"),
        order(
            "the journal is dropped before the ledger is committed",
            Sabotage.deletesEarly(
                f -> f.toString().endsWith(".undo"), c -> renamesTo(c, ".zip.json")),
            "append"),
        order(
            "the journal is dropped before the ledger is committed, in place",
            Sabotage.deletesEarly(
                f -> f.toString().endsWith(".undo"), c -> renamesTo(c, ".zip.json")),
            "append-in-place"),
        order(
            "batches are deleted before the archive is renamed",
            Sabotage.deletesEarly(SabotageTest::isBatch, c -> renamesTo(c, "/b/ar.zip")),
            "append"),
        order(
            "batches are deleted before the ledger is committed, in place",
            Sabotage.deletesEarly(SabotageTest::isBatch, c -> renamesTo(c, ".zip.json")),
            "append-in-place"),
        order(
            "a batch of several archives is deleted with the first of them",
            Sabotage.deletesEarly(
                f -> f.toString().matches("/base/.sheaf/inbox/.mixed/.*zip"),
                c -> renamesTo(c, ".zip.json")),
            "mixed"),
        order(
            "a batch gets its final name before it is synced",
            Sabotage.holdsBack(
                c -> c.is("sync") && path(c).endsWith(".part"), c -> renamesTo(c, ".zip")),
            "worker"),
        order(
            "what was salvaged is deleted before the new batch has its name",
            Sabotage.holdsBack(
                c -> renamesTo(c, ".zip") && path(c).endsWith(".redo"),
                c -> c.is("delete") && path(c).endsWith(".salvage")),
            "salvage"),
        order(
            "a file is in quarantine before its reason is",
            Sabotage.holdsBack(c -> renamesTo(c, ".zip.reason"), c -> renamesTo(c, "garbage.zip")),
            "quarantine"),
        order(
            "a ledger's own file is deleted before the folded one has its name",
            Sabotage.deletesEarly(
                f -> f.toString().endsWith("ar.zip.json"), c -> renamesTo(c, "ledgers.json")),
            "fold-again"),
        order(
            "a ledger's own file is deleted before the folded one is durable",
            Sabotage.holdsBack(
                c -> c.is("syncDirectory") && path(c).equals("/base/.sheaf"),
                c -> c.is("delete") && path(c).endsWith("lock/b/ar.zip")),
            "fold-again"),
        order(
            "a ledger's own file is deleted though it is newer than the folded one",
            Sabotage.deletesToo(
                c -> c.is("delete") && path(c).equals("/base/.sheaf/lock/a.zip"),
                Path.of("/base/.sheaf/ledger/a.zip.json")),
            "fold-beside"),
        order(
            "a torn zip is deleted before what was saved of it has its name",
            Sabotage.deletesEarly(
                f -> f.toString().matches("/base/inbox/.*zip"), c -> c.is("link")),
            "adopt-torn"),
        order("the ledger is not asked", Sabotage.forgetsWhatIsConsumed(), "again-error"));
  }

  /** What was changed last. */
  private static String last(List<String> before) {
    return before.isEmpty() ? "" : before.get(0);
  }

  static Stream<Arguments> appendLogs() {
    return Stream.of(
        syncOf("an append log", ".log", "appends"),
        newDirectory("of append logs", APPENDS, "appends"),
        namesAfter("an append log", APPENDS, "[1-9].log", "appends"),
        left(
            "the open batch with the entry of a log",
            new String[] {"appends"},
            (call, before) -> syncs(call, INBOX) && last(before).matches("write.*part")),
        left(
            "a log that is deleted",
            new String[] {"appends"},
            (call, before) -> syncs(call, APPENDS) && last(before).matches("delete.*log")),
        left(
            "an open batch that salvage finds an entry in",
            new String[] {"appends"},
            (call, before) ->
                call.is("sync")
                    && path(call).endsWith(".part")
                    && !last(before).startsWith("write")),
        namesAfter("the note that logs are salvaged", APPENDS, "0.log", "appends-salvage"),
        order(
            "a log says that a segment has ended before its batch is durable",
            Sabotage.holdsBack(
                c -> c.is("sync") && path(c).endsWith(".part"), c -> renamesTo(c, ".zip")),
            "appends"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({
    "syncsOfContents",
    "syncsOfNames",
    "newDirectories",
    "syncsOfRecovery",
    "orders",
    "appendLogs"
  })
  void theSweepFindsIt(String what, Sabotage sabotage, List<String> scenarios) throws IOException {
    List<CrashScenario> chosen =
        CrashScenarios.all().stream().filter(s -> scenarios.contains(s.name())).toList();
    assertThat(chosen).hasSameSizeAs(scenarios);
    String found = violation(chosen, sabotage);
    assertThat(sabotage.times()).as("how often it was done").isPositive();
    System.out.println("| " + what + " | " + found + " |");
    assertThat(found).isNotEmpty();
  }

  private static String violation(List<CrashScenario> scenarios, Sabotage sabotage)
      throws IOException {
    try {
      CrashSweep sweep = new CrashSweep(scenarios, sabotage::on, 1);
      sweep.everythingReturned();
      sweep.everyOperation();
      sweep.everyOperationOfRecoveries();
      sweep.byChance(sweep.states() + 2_000);
      return "";
    } catch (AssertionError e) {
      return String.valueOf(e.getMessage());
    }
  }
}
