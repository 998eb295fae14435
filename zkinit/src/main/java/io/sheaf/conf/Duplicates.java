package io.sheaf.conf;

/** What happens to an entry whose name is in the archive already. */
public enum Duplicates {
  /** The same bytes collapse into one entry; others are kept under a numbered name. */
  ALL,
  /** The entry that came first stays. */
  FIRST,
  /** The entry that came last stays; the one before is not listed any more. */
  LAST,
  /** It is refused by the worker where that can see it, and quarantined by the merge. */
  ERROR
}
