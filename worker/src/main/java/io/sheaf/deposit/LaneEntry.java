package io.sheaf.deposit;

import io.sheaf.conf.Durability;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A small entry on its way through a lane, contents in memory.
 *
 * @param kept where its contents are too; null for an entry that is nowhere else
 */
record LaneEntry(
    ArchiveBatches archive,
    String name,
    long modified,
    Attributes attributes,
    @Nullable DepositId id,
    ByteBuffer contents,
    int length,
    Durability durability,
    QuotaCharge charge,
    Receipt receipt,
    @Nullable Kept kept) {}
