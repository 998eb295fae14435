package io.sheaf.conf;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The quotas of a session. A deposit has to fit into two: that of its user, and that of the longest
 * beginning that its archive's name has.
 */
public final class QuotaRules {
  private final Quota anyUser;
  private final List<Quota> quotas;

  public QuotaRules(long maxBytes, long maxEntries, List<Quota> quotas) {
    this.anyUser = new Quota("", maxBytes, maxEntries);
    this.quotas =
        quotas.stream()
            .sorted(Comparator.comparing((Quota quota) -> quota.subject().length()).reversed())
            .toList();
  }

  public static QuotaRules of(Settings settings) {
    return new QuotaRules(
        settings.get(Keys.MAX_BYTES),
        settings.get(Keys.MAX_ENTRIES),
        settings.find(Keys.QUOTAS).orElse(List.of()));
  }

  /** Whether nothing is limited. */
  public boolean isEmpty() {
    return quotas.isEmpty() && isUnlimited(anyUser);
  }

  private static boolean isUnlimited(Quota quota) {
    return quota.bytes() == 0 && quota.entries() == 0;
  }

  /** A user's own quota, or else {@code max_bytes} and {@code max_entries}. */
  public Optional<Quota> ofUser(int uid) {
    return ofUser(Quota.user(uid));
  }

  private Optional<Quota> ofUser(String user) {
    return quotas.stream()
        .filter(quota -> quota.subject().equals(user))
        .findFirst()
        .or(() -> Optional.of(new Quota(user, anyUser.bytes(), anyUser.entries())))
        .filter(quota -> !isUnlimited(quota));
  }

  /** That of the longest beginning of the archive's name. */
  public Optional<Quota> ofArchive(String archive) {
    return quotas.stream()
        .filter(quota -> !quota.isOfUser() && archive.startsWith(quota.subject()))
        .findFirst()
        .filter(quota -> !isUnlimited(quota));
  }

  /** That of a subject under which use was counted. */
  public Optional<Quota> named(String subject) {
    return new Quota(subject, 0, 0).isOfUser()
        ? ofUser(subject)
        : quotas.stream().filter(quota -> quota.subject().equals(subject)).findFirst();
  }
}
