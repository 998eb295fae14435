package io.sheaf.session;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Quota;
import io.sheaf.conf.QuotaRules;
import io.sheaf.conf.Settings;
import io.sheaf.tree.SessionRecord;
import io.sheaf.tree.Tree;
import io.sheaf.tree.UsageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How much of a quota is used.
 *
 * @param subject {@code uid:N}, or the beginning of archive names
 * @param maxBytes 0 when there is no limit, as with entries
 */
public record QuotaStatus(
    String subject, long bytes, long maxBytes, long entries, long maxEntries) {

  /** Those under which something was deposited. */
  static List<QuotaStatus> all(Tree tree, SessionRecord session) {
    Optional<UsageRecord> usage = tree.usage(session.name());
    List<QuotaStatus> all = new ArrayList<>();
    if (usage.isPresent()) {
      QuotaRules rules = rules(session);
      for (String subject : usage.get().subjects()) {
        Quota quota = rules.named(subject).orElse(new Quota(subject, 0, 0));
        all.add(
            new QuotaStatus(
                subject,
                usage.get().used().getOrDefault(UsageRecord.bytes(subject), 0L),
                quota.bytes(),
                usage.get().used().getOrDefault(UsageRecord.entries(subject), 0L),
                quota.entries()));
      }
    }
    return all;
  }

  private static QuotaRules rules(SessionRecord session) {
    Settings defaults = Settings.builder().build();
    try {
      return QuotaRules.of(defaults.withSession(session.name(), session.parameters()));
    } catch (ConfException e) {
      return QuotaRules.of(defaults); // Of another version of Sheaf: use is shown without limits.
    }
  }
}
