@NullMarked
package io.sheaf.nio;

import org.jspecify.annotations.NullMarked;
