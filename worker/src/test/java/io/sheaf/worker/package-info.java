@NullMarked
package io.sheaf.worker;

import org.jspecify.annotations.NullMarked;
