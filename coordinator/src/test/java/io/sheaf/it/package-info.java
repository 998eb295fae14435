/**
 * Sheaf as its users run it: real processes, a real ZooKeeper, real files, and readers and writers
 * that are not Sheaf.
 */
@NullMarked
package io.sheaf.it;

import org.jspecify.annotations.NullMarked;
