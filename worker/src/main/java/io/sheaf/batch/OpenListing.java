package io.sheaf.batch;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * What is in an open batch at some moment.
 *
 * @param file as long as the batch is open, then under another name
 * @param directory records of its entries
 * @param mixed whether it is of several archives, so that names begin with the archive's
 */
public record OpenListing(Path file, ByteBuffer directory, boolean mixed) {}
