/**
 * Settings: typed values with their origin, from options, the environment, INI files and defaults.
 *
 * <p>Entry types: {@link io.sheaf.conf.Keys} names every setting, {@link io.sheaf.conf.Settings}
 * holds their values. Passwords are given by reference only and kept in a {@link
 * io.sheaf.conf.Secret}, which prints as stars.
 */
@NullMarked
package io.sheaf.conf;

import org.jspecify.annotations.NullMarked;
