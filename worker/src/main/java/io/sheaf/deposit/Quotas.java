package io.sheaf.deposit;

import io.sheaf.conf.Quota;
import io.sheaf.conf.QuotaRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a session's quotas leave. This worker's part is counted exactly, that of the others as of
 * when it was told last, so together they may pass a quota by what they take between two tellings.
 * A deposit counts from its beginning; one that is given up, or of which nothing is kept, is given
 * back, while entries that later collapse or fail to merge are not.
 */
public final class Quotas {
  private final QuotaRules rules;
  private final Map<String, QuotaAccount> accounts = new ConcurrentHashMap<>();
  private Map<String, QuotaUse> elsewhere = Map.of();

  public Quotas(QuotaRules rules) {
    this.rules = rules;
  }

  /** For lanes of a session without any. */
  static Quotas none() {
    return new Quotas(new QuotaRules(0, 0, List.of()));
  }

  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /**
   * Begins a deposit of one entry.
   *
   * @param bytes of it that are known already
   * @throws DepositException NO_SPACE when a quota does not hold it
   */
  QuotaCharge begin(String archive, int uid, long bytes) throws DepositException {
    QuotaCharge charge = new QuotaCharge(of(archive, uid), uid);
    charge.take(bytes, 1);
    return charge;
  }

  /** As {@link #begin}, but only looks. */
  void check(String archive, int uid, long bytes) throws DepositException {
    for (QuotaAccount account : of(archive, uid)) {
      account.require(bytes, 1, uid);
    }
  }

  private List<QuotaAccount> of(String archive, int uid) {
    if (rules.isEmpty()) {
      return List.of();
    }
    List<QuotaAccount> found = new ArrayList<>(2);
    account(rules.ofUser(uid)).ifPresent(found::add);
    account(rules.ofArchive(archive)).ifPresent(found::add);
    return found;
  }

  private Optional<QuotaAccount> account(Optional<Quota> quota) {
    return quota.map(
        q -> {
          QuotaAccount known = accounts.get(q.subject());
          return known == null ? opened(q) : known;
        });
  }

  /** Not while the sums are replaced: it would keep an old one. */
  private synchronized QuotaAccount opened(Quota quota) {
    QuotaAccount account =
        accounts.computeIfAbsent(quota.subject(), subject -> new QuotaAccount(quota));
    account.elsewhere(elsewhere.getOrDefault(quota.subject(), QuotaUse.NONE));
    return account;
  }

  /** What was taken with this worker, by subject. */
  public SortedMap<String, QuotaUse> own() {
    SortedMap<String, QuotaUse> own = new TreeMap<>();
    accounts.forEach((subject, account) -> own.put(subject, account.own()));
    return own;
  }

  /** What was taken with all others, by subject. */
  public synchronized void elsewhere(Map<String, QuotaUse> use) {
    elsewhere = Map.copyOf(use);
    accounts.forEach(
        (subject, account) -> account.elsewhere(use.getOrDefault(subject, QuotaUse.NONE)));
  }

  /** One quota and what is used of it in the session, as far as it is known here. */
  public record State(String subject, long bytes, long maxBytes, long entries, long maxEntries) {}

  /** The quotas under which something was deposited here, by subject. */
  public List<State> states() {
    return new TreeMap<>(accounts).values().stream().map(Quotas::state).toList();
  }

  private static State state(QuotaAccount account) {
    Quota quota = account.quota();
    QuotaUse all = account.all();
    return new State(quota.subject(), all.bytes(), quota.bytes(), all.entries(), quota.entries());
  }
}
