package io.sheaf.deposit;

import java.util.List;

/** What one deposit has taken of its quotas. One thread at a time. */
final class QuotaCharge {
  private final List<QuotaAccount> accounts;
  private final int uid;
  private long bytes;
  private long entries;

  QuotaCharge(List<QuotaAccount> accounts, int uid) {
    this.accounts = accounts;
    this.uid = uid;
  }

  /** Of what is charged elsewhere. */
  static QuotaCharge none() {
    return new QuotaCharge(List.of(), 0);
  }

  /**
   * Takes more, from all quotas or from none.
   *
   * @throws DepositException NO_SPACE when one of them has not so much left
   */
  void take(long moreBytes, long moreEntries) throws DepositException {
    int taken = 0;
    try {
      for (QuotaAccount account : accounts) {
        account.take(moreBytes, moreEntries, uid);
        taken++;
      }
    } finally {
      if (taken < accounts.size()) {
        accounts.subList(0, taken).forEach(a -> a.giveBack(moreBytes, moreEntries));
      }
    }
    bytes += moreBytes;
    entries += moreEntries;
  }

  /** Nothing of the deposit is kept. */
  void giveBack() {
    accounts.forEach(account -> account.giveBack(bytes, entries));
    bytes = 0;
    entries = 0;
  }
}
