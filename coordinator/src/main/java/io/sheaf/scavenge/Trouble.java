package io.sheaf.scavenge;

/**
 * Why an archive could not be merged.
 *
 * @param reason one line, with the remedy
 * @param attempts that failed in a row
 * @param lasting whether only a person can help, as when archive and ledger disagree
 */
record Trouble(String reason, int attempts, boolean lasting) {
  /** After so many attempts nobody should wait for this archive. */
  private static final int ENOUGH = 4;

  boolean isHopeless() {
    return lasting || attempts >= ENOUGH;
  }
}
