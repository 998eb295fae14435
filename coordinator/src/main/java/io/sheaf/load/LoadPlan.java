package io.sheaf.load;

import io.sheaf.conf.Durability;
import org.jspecify.annotations.Nullable;

/**
 * What is deposited, and how fast.
 *
 * @param name begins the entries' names; no other loader that is accounted for with this one has it
 * @param archives {@code load-0.zip} and on
 * @param rate deposits a second; 0 is as fast as it goes
 * @param smallest of the usual files, in bytes; at least {@link #SMALLEST}
 * @param largest of the usual files, in bytes
 * @param large share of files of 1 to 3 MiB
 * @param again share of deposits under a name that was used before, with other contents
 * @param streams share of deposits whose length the worker is not told
 * @param seed of all choices but the names
 * @param durability to wait for; null for the worker's default
 */
public record LoadPlan(
    String name,
    int archives,
    double rate,
    int smallest,
    int largest,
    double large,
    double again,
    double streams,
    long seed,
    @Nullable Durability durability) {
  /**
   * With fewer bytes two files could be alike by chance, and a file and its double be taken for it.
   */
  public static final int SMALLEST = 8;
}
