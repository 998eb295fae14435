package io.sheaf.deposit;

/** What was taken under a quota: bytes of contents, and entries. */
public record QuotaUse(long bytes, long entries) {
  static final QuotaUse NONE = new QuotaUse(0, 0);
}
