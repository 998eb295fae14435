/**
 * The records of the zip format as values, after PKWARE's APPNOTE 6.3.10: local file header,
 * central directory record, end records; each with one encoder and one decoder.
 *
 * <p>Start at {@link io.sheaf.zip.EntryHeader} and {@link io.sheaf.zip.EndRecord}; {@link
 * io.sheaf.zip.DirectoryCursor} reads a central directory without an object per entry.
 */
@NullMarked
package io.sheaf.zip;

import org.jspecify.annotations.NullMarked;
