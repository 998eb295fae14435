@NullMarked
package io.sheaf.deposit;

import org.jspecify.annotations.NullMarked;
