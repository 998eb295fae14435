package io.sheaf.scavenge;

import java.io.IOException;

/** What this coordinator knows of POSIX locks on the base directory's filesystem. */
@FunctionalInterface
interface Locking {
  /** Whether they are worth too little, or look so: nothing may rely on them alone. */
  boolean isBroken() throws IOException;
}
