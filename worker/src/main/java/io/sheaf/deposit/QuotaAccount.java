package io.sheaf.deposit;

import io.sheaf.conf.Quota;
import io.sheaf.conf.Units;
import io.sheaf.deposit.DepositException.Kind;

/** What one subject has used of its quota: with this worker, and with all others. */
final class QuotaAccount {
  private final Quota quota;
  private long bytes;
  private long entries;
  private long bytesElsewhere;
  private long entriesElsewhere;

  QuotaAccount(Quota quota) {
    this.quota = quota;
  }

  /**
   * Takes of it.
   *
   * @throws DepositException NO_SPACE when it has not so much left; nothing is taken then
   */
  synchronized void take(long moreBytes, long moreEntries, int uid) throws DepositException {
    require("bytes", bytes + bytesElsewhere, moreBytes, quota.bytes(), uid);
    require("entries", entries + entriesElsewhere, moreEntries, quota.entries(), uid);
    bytes += moreBytes;
    entries += moreEntries;
  }

  synchronized void require(long moreBytes, long moreEntries, int uid) throws DepositException {
    require("bytes", bytes + bytesElsewhere, moreBytes, quota.bytes(), uid);
    require("entries", entries + entriesElsewhere, moreEntries, quota.entries(), uid);
  }

  private void require(String what, long used, long more, long limit, int uid)
      throws DepositException {
    if (limit > 0 && more > 0 && more > limit - used) {
      throw new DepositException(
          Kind.NO_SPACE,
          "the session's quota of "
              + quota.subject()
              + " does not hold it: of "
              + shown(what, limit)
              + " "
              + what
              + " "
              + shown(what, used)
              + " are used, and uid "
              + Integer.toUnsignedString(uid)
              + " deposits "
              + shown(what, more)
              + " more: ask whoever started the session (max_bytes, max_entries, quotas)");
    }
  }

  private static String shown(String what, long count) {
    return what.equals("bytes") ? Units.formatSize(count) : Long.toString(count);
  }

  synchronized void giveBack(long lessBytes, long lessEntries) {
    bytes -= lessBytes;
    entries -= lessEntries;
  }

  /** What other workers have taken, as far as it is known. */
  synchronized void elsewhere(QuotaUse use) {
    bytesElsewhere = sane(use.bytes());
    entriesElsewhere = sane(use.entries());
  }

  /** So that what is added to it does not overflow. */
  private static long sane(long count) {
    return Math.min(Math.max(0, count), Long.MAX_VALUE / 4);
  }

  /** With this worker. */
  synchronized QuotaUse own() {
    return new QuotaUse(bytes, entries);
  }

  synchronized QuotaUse all() {
    return new QuotaUse(bytes + bytesElsewhere, entries + entriesElsewhere);
  }

  Quota quota() {
    return quota;
  }
}
