package io.sheaf.tree;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A worker or coordinator that is registered: the data of its ephemeral znode.
 *
 * @param id {@code <host>-<pid>-<incarnation>}
 * @param socket that a worker serves, null for a coordinator
 * @param build version of Sheaf
 * @param joined milliseconds since the epoch
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MemberRecord(
    int version,
    String id,
    String host,
    long pid,
    @Nullable String socket,
    String build,
    long joined) {
  public static final int VERSION = 1;
}
