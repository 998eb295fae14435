@NullMarked
package io.sheaf.logback;

import org.jspecify.annotations.NullMarked;
