package io.sheaf.archive;

import static io.sheaf.archive.SimulatedBase.ARCHIVE;

import io.sheaf.adopt.Adoption;
import io.sheaf.adopt.RearZip;
import io.sheaf.conf.Duplicates;
import io.sheaf.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The scenarios of the crash tests in which zips are adopted, and batches delivered. */
final class AdoptScenarios {
  private static final String W = "node7-4711-a1b2c3";

  /** What comes twice would go to quarantine. */
  private static final MergePolicy ONCE = MergePolicy.simple(Duplicates.ERROR);

  /** More than a ledger keeps when they are merged and gone. */
  private static final int MANY = 5;

  private AdoptScenarios() {}

  static List<CrashScenario> all() {
    return List.of(
        new CrashScenario("adopt", ONCE, AdoptScenarios::closed, AdoptScenarios::adopt),
        new CrashScenario("adopt-torn", ONCE, AdoptScenarios::torn, AdoptScenarios::adopt),
        new CrashScenario("adopt-again", ONCE, AdoptScenarios::adopted, AdoptScenarios::again),
        new CrashScenario("adopt-forget", ONCE, AdoptScenarios::many, AdoptScenarios::forget),
        new CrashScenario("deliver", ONCE, at -> {}, AdoptScenarios::deliver));
  }

  private static Path inbox(SimulatedBase at, int n) {
    return at.base.root().resolve("inbox").resolve("node-231114_2213" + (10 + n) + ".zip");
  }

  /** A zip with an entry for each of some archives, closed, durable. */
  private static byte[] zip(SimulatedBase at, int n, String... archives) {
    RearZip zip = new RearZip();
    for (String archive : archives) {
      Deposit entry = Deposit.of(Deposit.FOREIGN + n, "zip " + n + " " + archive);
      at.deposits.add(archive, entry);
      zip.add(archive + "/" + entry.name(), entry.contents());
    }
    return zip.closed();
  }

  private static void closed(SimulatedBase at) throws IOException {
    at.batch(ARCHIVE, W, 1, Deposit.of("a"), Deposit.of("b"));
    at.merge(ARCHIVE);
    at.put(inbox(at, 1), zip(at, 1, "a.zip", ARCHIVE));
    at.put(inbox(at, 2), zip(at, 2, ARCHIVE));
    at.deposits.acknowledge();
  }

  private static void adopt(SimulatedBase at) throws IOException {
    Adoption adoption = at.adopt();
    at.merge("a.zip");
    at.merge(ARCHIVE);
    adoption.settle();
  }

  /** One whose writer died, and one that no reader reads alike. */
  private static void torn(SimulatedBase at) throws IOException {
    closed(at);
    byte[] torn = new RearZip().torn(400);
    at.deposits.addJunk(torn);
    byte[] whole = zip(at, 3, "a.zip", ARCHIVE);
    byte[] region = Arrays.copyOf(whole, whole.length - directoryLength(whole));
    byte[] both = Arrays.copyOf(region, region.length + torn.length);
    System.arraycopy(torn, 0, both, region.length, torn.length);
    at.put(inbox(at, 3), both);
    at.deposits.acknowledge();
  }

  /** With the end record, which says it. */
  private static int directoryLength(byte[] zip) {
    int at = zip.length - 22 + 12;
    return 22 + (zip[at] & 0xFF) + ((zip[at + 1] & 0xFF) << 8);
  }

  private static void adopted(SimulatedBase at) throws IOException {
    byte[] zip = zip(at, 1, "a.zip", ARCHIVE);
    at.put(inbox(at, 1), zip);
    at.deposits.acknowledge();
    adopt(at);
    at.put(at.base.root().resolve("kept-elsewhere"), zip);
  }

  /** A zip that was merged comes again, under its name and another; and one that comes twice. */
  private static void again(SimulatedBase at) throws IOException {
    byte[] old = at.disk.readAll(at.base.root().resolve("kept-elsewhere"));
    at.put(inbox(at, 1), old);
    byte[] fresh = zip(at, 2, ARCHIVE);
    at.put(inbox(at, 2), fresh);
    at.deposits.acknowledge();
    at.put(inbox(at, 3), fresh);
    at.put(inbox(at, 4), old);
    adopt(at);
    at.put(inbox(at, 5), fresh);
    adopt(at);
  }

  private static void many(SimulatedBase at) throws IOException {
    at.batch(ARCHIVE, W, 1, Deposit.of("a"));
    at.merge(ARCHIVE);
    for (int n = 0; n < MANY; n++) {
      at.put(inbox(at, n), zip(at, n, ARCHIVE));
    }
    at.deposits.acknowledge();
  }

  /** The ledger forgets what is merged and gone, which must not come back then. */
  private static void forget(SimulatedBase at) throws IOException {
    adopt(at);
    at.batch(ARCHIVE, W, 2, Deposit.of("x"));
    at.merge(ARCHIVE);
  }

  /** A transport brings batches twice, and not in their order. */
  private static void deliver(SimulatedBase at) throws IOException {
    SimulatedDisk elsewhere = new SimulatedDisk();
    elsewhere.createDirectories(at.base.root());
    SimulatedBase sender = new SimulatedBase(elsewhere, ONCE, new Deposits());
    List<byte[]> batches = new ArrayList<>();
    for (int seq = 1; seq <= 2; seq++) {
      batches.add(elsewhere.readAll(sender.batch(ARCHIVE, W, seq, Deposit.of("delivered " + seq))));
    }
    for (int seq = 2; seq >= 1; seq--) {
      at.deposits.add(ARCHIVE, Deposit.of("delivered " + seq));
      at.deliver(batches.get(seq - 1));
      at.deposits.acknowledge();
    }
    at.deliver(batches.get(1));
    at.merge(ARCHIVE);
    at.deliver(batches.get(0));
    byte[] zip = zip(at, 1, "a.zip");
    at.deliver(zip);
    at.deposits.acknowledge();
    at.deliver(zip);
    adopt(at);
    at.deliver(zip);
  }
}
