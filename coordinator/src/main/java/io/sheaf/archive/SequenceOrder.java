package io.sheaf.archive;

import io.sheaf.batch.BatchFile;
import io.sheaf.batch.BatchName;
import io.sheaf.batch.Quarantine;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code order=sequence}: each worker's batches strictly in sequence. Behind a gap they are held
 * back until it is filled, or until the first of them has been closed for the timeout. Then the gap
 * is passed over; a batch that fills it later is merged when it comes.
 *
 * @param ready to be merged now, in this order
 * @param held back
 * @param gaps that are passed over, a line each
 */
record SequenceOrder(List<BatchFile> ready, List<BatchFile> held, List<String> gaps) {

  static SequenceOrder of(
      Ledger ledger,
      List<BatchFile> fresh,
      MergePolicy policy,
      Gaps gaps,
      Quarantine quarantine,
      Clock clock)
      throws IOException {
    SequenceOrder order =
        new SequenceOrder(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    Map<String, List<BatchFile>> byWorker = new TreeMap<>();
    for (BatchFile batch : fresh) {
      byWorker.computeIfAbsent(batch.manifest().worker(), w -> new ArrayList<>()).add(batch);
    }
    long patience =
        gaps == Gaps.PASS ? Long.MAX_VALUE : clock.millis() - policy.gapTimeout().toMillis();
    List<Turn> turns = new ArrayList<>();
    for (Map.Entry<String, List<BatchFile>> one : byWorker.entrySet()) {
      String consumed = ledger.consumed().getOrDefault(one.getKey(), "");
      long next = SequenceRanges.parse(consumed).last() + 1;
      order.addWorker(ledger.archive(), one.getValue(), next, patience, quarantine, turns);
    }
    turns.sort(
        Comparator.comparingLong(Turn::time)
            .thenComparing(t -> t.batch().manifest().worker())
            .thenComparingLong(t -> t.batch().manifest().seq()));
    turns.forEach(t -> order.ready.add(t.batch()));
    return order;
  }

  /** A batch with the time of its closing, or of one before it that was closed later. */
  private record Turn(BatchFile batch, long time) {}

  private void addWorker(
      String archive,
      List<BatchFile> batches,
      long first,
      long patience,
      Quarantine quarantine,
      List<Turn> turns)
      throws IOException {
    batches.sort(Comparator.comparingLong(b -> b.manifest().seq()));
    long next = first;
    long time = Long.MIN_VALUE;
    for (int i = 0; i < batches.size(); i++) {
      BatchFile batch = batches.get(i);
      long seq = batch.manifest().seq();
      String worker = batch.manifest().worker();
      long missing = firstMissing(archive, worker, next, seq, quarantine);
      if (missing < seq) {
        List<BatchFile> behind = batches.subList(i, batches.size());
        if (behind.stream().allMatch(b -> b.manifest().closed() > patience)) {
          held.addAll(behind);
          return;
        }
        gaps.add(
            "batch "
                + missing
                + (missing + 1 < seq ? " and some up to " + (seq - 1) : "")
                + " of "
                + worker
                + " never came: its later ones are merged without");
      }
      next = Math.max(next, seq + 1);
      time = Math.max(time, batch.manifest().closed());
      turns.add(new Turn(batch, time));
    }
  }

  /** What is in quarantine is no gap: it came. */
  private static long firstMissing(
      String archive, String worker, long from, long to, Quarantine quarantine) throws IOException {
    for (long seq = from; seq < to; seq++) {
      if (!quarantine.holds(archive, new BatchName(worker, seq).file())) {
        return seq;
      }
    }
    return to;
  }
}
