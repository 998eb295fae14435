/** Measurements that anyone can run; see {@code docs/benchmarks.md}. */
@NullMarked
package io.sheaf.bench;

import org.jspecify.annotations.NullMarked;
