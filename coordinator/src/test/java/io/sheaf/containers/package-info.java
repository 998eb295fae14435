/**
 * Clusters in containers, of the image that docker/build.sh makes. They have the tag {@code
 * containers} and need Docker: without it they are skipped, and fail in CI. Another image is named
 * by {@code -Dsheaf.image}.
 */
@NullMarked
package io.sheaf.containers;

import org.jspecify.annotations.NullMarked;
