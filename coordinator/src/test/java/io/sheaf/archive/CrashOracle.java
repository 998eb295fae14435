package io.sheaf.archive;

import io.sheaf.batch.BaseDirectory;
import io.sheaf.batch.Quarantine;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.FileState;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.DirectoryReader;
import io.sheaf.zip.EndRecord;
import io.sheaf.zip.EntryStreams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Judges a base directory once recovery is complete: every acknowledged entry is where it must be,
 * once; nothing else is anywhere; and Sheaf's own files say so.
 */
final class CrashOracle {
  private static final Pattern VOLUME = Pattern.compile("-[0-9]+(?=\\.zip$)");

  /** What a fold leaves, and who adopts. */
  private static final Set<String> OTHERS =
      Set.of(".sheaf/ledgers.json", ".sheaf/base.json", ".sheaf/adopted.json");

  private final Disk disk;
  private final BaseDirectory base;
  private final LedgerStore ledgers;
  private final Deposits deposits;
  private final int acknowledged;
  private final List<String> violations = new ArrayList<>();

  /**
   * @param acknowledged so many of the deposits
   */
  CrashOracle(Disk disk, Deposits deposits, int acknowledged) {
    this.disk = disk;
    this.base = SimulatedBase.BASE;
    this.ledgers = new LedgerStore(disk, base);
    this.deposits = deposits;
    this.acknowledged = acknowledged;
  }

  /** What is wrong, in a line each. */
  List<String> violations() throws IOException {
    verify();
    List<Path> files = new ArrayList<>();
    walk(base.root(), files);
    Map<String, Map<String, Found>> archives = archives(files);
    List<byte[]> quarantined = quarantined();
    checkEntries(archives, quarantined);
    checkLeftovers(files);
    return violations;
  }

  /** Of what is wrong only what is lost, changed or doubled: recovery has not been. */
  List<String> lost() throws IOException {
    List<Path> files = new ArrayList<>();
    walk(base.root(), files);
    checkEntries(archives(files), quarantined());
    return violations;
  }

  private void verify() throws IOException {
    VerifyReport report = new Verifier(disk, base).verify(true);
    if (!report.sound()
        || !report.pending().isEmpty()
        || !report.open().isEmpty()
        || !report.strays().isEmpty()
        || report.archives().stream().anyMatch(a -> a.status() == VerifyReport.Status.MERGING)) {
      violations.add("verify says " + report);
    }
  }

  private void walk(Path directory, List<Path> files) throws IOException {
    for (String name : disk.list(directory)) {
      Path path = directory.resolve(name);
      if (disk.stat(path).filter(FileState::isDirectory).isPresent()) {
        walk(path, files);
      } else {
        files.add(path);
      }
    }
  }

  /** The entries by archive and name; those of the volumes of an archive as its own. */
  private Map<String, Map<String, Found>> archives(List<Path> files) throws IOException {
    Map<String, Map<String, Found>> archives = new TreeMap<>();
    for (Path file : files) {
      String name = base.relative(file);
      if (!name.startsWith(".sheaf/") && name.endsWith(".zip")) {
        Map<String, Found> entries =
            archives.computeIfAbsent(
                VOLUME.matcher(name).replaceFirst(""), archive -> new TreeMap<>());
        if (ledgers.find(name).isEmpty()) {
          violations.add(name + " has no ledger");
        }
        try {
          find(disk, file).forEach((entry, found) -> putOnce(entries, entry, found));
        } catch (IOException e) {
          violations.add(name + " cannot be read: " + e);
        }
      }
    }
    return archives;
  }

  private void putOnce(Map<String, Found> entries, String name, Found found) {
    if (entries.put(name, found) != null) {
      violations.add("twice under its name: " + name);
    }
  }

  static SortedMap<String, byte[]> read(Disk disk, Path archive) throws IOException {
    SortedMap<String, byte[]> entries = new TreeMap<>();
    find(disk, archive).forEach((name, found) -> entries.put(name, found.contents()));
    return entries;
  }

  /** An entry of an archive. */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
  private record Found(byte[] contents, Attributes attributes) {
    boolean is(Deposit deposit) {
      return Arrays.equals(contents, deposit.contents()) && deposit.mayHave(attributes);
    }
  }

  private static SortedMap<String, Found> find(Disk disk, Path archive) throws IOException {
    SortedMap<String, Found> entries = new TreeMap<>();
    try (DiskFile file = disk.openForRead(archive)) {
      EndRecord end = EndRecord.read(file);
      new DirectoryReader(file, end.directoryOffset(), end.directoryLength())
          .forEach((entry, record) -> readEntry(file, entry, entries));
    }
    return entries;
  }

  private static boolean readEntry(DiskFile file, DirectoryCursor entry, Map<String, Found> entries)
      throws IOException {
    try (InputStream in = EntryStreams.of(file, entry)) {
      String name = StandardCharsets.UTF_8.decode(entry.name()).toString();
      if (entries.put(name, new Found(in.readAllBytes(), entry.attributes())) != null) {
        throw new IOException("two entries have the name " + name);
      }
    }
    return true;
  }

  private List<byte[]> quarantined() throws IOException {
    List<byte[]> kept = new ArrayList<>();
    for (Quarantine.Item item : new Quarantine(disk, base).items()) {
      if (item.reason().isBlank()) {
        violations.add("without a reason: " + item.path());
      }
      kept.add(disk.readAll(item.path()));
    }
    return kept;
  }

  private void checkEntries(Map<String, Map<String, Found>> archives, List<byte[]> quarantined)
      throws IOException {
    int number = 0;
    int merged = growing(archives);
    for (Deposits.Made made : deposits.made()) {
      boolean must = number++ < acknowledged;
      Deposit deposit = made.deposit();
      Map<String, Found> entries = archives.getOrDefault(made.archive(), new TreeMap<>());
      switch (deposit.fate()) {
        case MERGED -> {
          Found found = entries.remove(deposit.merged());
          if (found == null ? must : !found.is(deposit)) {
            violations.add(
                made.archive() + (found == null ? " lost " : " changed ") + deposit.merged());
          }
          merged += found == null ? 0 : 1;
        }
        case QUARANTINED -> takeOnce(quarantined, deposit.contents(), must, deposit.name());
        case DROPPED, GROWING -> {}
      }
    }
    checkTotals(merged);
    for (byte[] junk : deposits.junk()) {
      takeOnce(quarantined, junk, true, "junk of " + junk.length + " bytes");
    }
    archives.forEach(
        (archive, entries) -> {
          if (!entries.isEmpty()) {
            violations.add(archive + " has what nobody put there: " + entries.keySet());
          }
        });
    boolean complete = acknowledged == deposits.made().size() && !deposits.mayRemainsReturn();
    if (!quarantined.isEmpty() && complete) {
      violations.add(quarantined.size() + " more in quarantine than there should be");
    }
  }

  /**
   * The entries of a log, one after the other, have what was acknowledged, and nothing that was
   * never appended, or is there twice.
   */
  private int growing(Map<String, Map<String, Found>> archives) {
    Map<String, byte[]> least = new TreeMap<>();
    Map<String, byte[]> most = new TreeMap<>();
    int number = 0;
    for (Deposits.Made made : deposits.made()) {
      boolean must = number++ < acknowledged;
      if (made.deposit().fate() == Deposit.Fate.GROWING) {
        String target = made.archive() + "\t" + made.deposit().name();
        most.put(target, made.deposit().contents());
        if (must) {
          least.put(target, made.deposit().contents());
        }
      }
    }
    int merged = 0;
    for (Map.Entry<String, byte[]> log : most.entrySet()) {
      String[] target = log.getKey().split("\t", 2);
      ByteArrayOutputStream found = new ByteArrayOutputStream();
      for (String name : target[1].split("\\|", -1)) {
        Found entry = archives.getOrDefault(target[0], new TreeMap<>()).remove(name);
        if (entry != null) {
          found.writeBytes(entry.contents());
          merged++;
        }
      }
      if (!isBetween(found.toByteArray(), least.get(log.getKey()), log.getValue())) {
        violations.add(target[0] + " lost or changed a log: " + target[1]);
      }
    }
    return merged;
  }

  private static boolean isBetween(byte[] found, byte @Nullable [] least, byte[] most) {
    return found.length >= (least == null ? 0 : least.length)
        && found.length <= most.length
        && Arrays.equals(found, 0, found.length, most, 0, found.length);
  }

  /** A merge that had to be done again is counted once. */
  private void checkTotals(long merged) throws IOException {
    long counted = 0;
    for (String archive : ledgers.archives()) {
      for (SessionTotals totals : ledgers.load(archive).sessions().values()) {
        counted += totals.entries();
      }
    }
    if (deposits.counted() && counted != merged) {
      violations.add("the ledgers count " + counted + " entries, there are " + merged);
    }
  }

  private void takeOnce(List<byte[]> quarantined, byte[] bytes, boolean must, String what) {
    List<byte[]> found =
        quarantined.stream().filter(kept -> Deposits.find(kept, bytes) >= 0).toList();
    if (found.size() > 1 || (found.isEmpty() && must)) {
      violations.add(found.size() + " times in quarantine: " + what);
    }
    quarantined.removeAll(found);
  }

  private void checkLeftovers(List<Path> files) throws IOException {
    for (Path file : files) {
      String name = base.relative(file);
      boolean expected =
          name.startsWith(".sheaf/ledger/")
              ? name.endsWith(".zip.json")
              : name.startsWith(".sheaf/quarantine/")
                  ? isKept(file)
                  : OTHERS.contains(name)
                      || name.startsWith(".sheaf/lock/")
                      || !name.startsWith(".sheaf/");
      if (!expected) {
        violations.add("left behind: " + name);
      }
    }
  }

  private boolean isKept(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(Quarantine.REASON)
        ? disk.stat(file.resolveSibling(name.substring(0, name.length() - 7))).isPresent()
        : disk.stat(file.resolveSibling(name + Quarantine.REASON)).isPresent();
  }
}
