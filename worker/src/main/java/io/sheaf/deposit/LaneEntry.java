package io.sheaf.deposit;

import io.sheaf.conf.Durability;
import java.nio.ByteBuffer;

/** A small entry on its way through a lane, contents in memory. */
record LaneEntry(
    ArchiveBatches archive,
    String name,
    long modified,
    ByteBuffer contents,
    int length,
    Durability durability,
    QuotaCharge charge,
    Receipt receipt) {}
