@NullUnmarked
package io.sheaf.spool;

import org.jspecify.annotations.NullUnmarked;
