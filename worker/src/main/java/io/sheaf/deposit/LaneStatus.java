package io.sheaf.deposit;

import java.util.List;

/**
 * What the lanes do, at one moment.
 *
 * @param refusing why deposits are refused, empty while they are taken
 * @param deposits acknowledged since the start
 * @param bytes of their contents
 * @param failed deposits refused or failed since the start
 * @param lost deposits with durability none that could not be written afterwards
 * @param queued deposits that wait to be written
 * @param memory bytes of contents in memory
 * @param open batches open, those in use included
 * @param sealing batches closed but not yet sealed
 * @param sealed batches since the start
 * @param sealFailures what keeps batches from being sealed now, a line each
 */
public record LaneStatus(
    String refusing,
    long deposits,
    long bytes,
    long failed,
    long lost,
    long queued,
    long memory,
    int open,
    int sealing,
    long sealed,
    List<String> sealFailures) {}
