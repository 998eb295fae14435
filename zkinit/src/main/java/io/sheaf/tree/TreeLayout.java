package io.sheaf.tree;

import java.util.List;

/**
 * Paths of the znodes.
 *
 * <pre>
 * ROOT
 *   /bases/BASE-ID/locks/KEY                          claims (container)
 *   /sessions/NAME                                    SessionRecord
 *       /workers/ID, /coordinators/ID                 MemberRecord (ephemeral)
 *       /leader                                       leader latch
 *       /pending/XX/KEY/WORKER/SEQ                    PendingBatch; XX, KEY, WORKER are containers
 *       /failed/XX/HASH                               FailedBatch
 *       /stats/MEMBER                                 StatsRecord
 *       /usage                                        UsageRecord
 * </pre>
 *
 * <p>XX are the first two digits of KEY, or of HASH, so that no list of children outgrows what
 * {@code jute.maxbuffer} (1 MB, some 26,000 names of 36 characters) carries.
 */
record TreeLayout(String root) {
  TreeLayout {
    root = root.equals("/") ? "" : root;
  }

  String rootZnode() {
    return root.isEmpty() ? "/" : root;
  }

  String sessions() {
    return root + "/sessions";
  }

  String session(String name) {
    if (name.isEmpty() || name.contains("/") || name.startsWith(".")) {
      throw new NoSuchSessionException(name, null);
    }
    return sessions() + "/" + name;
  }

  /** The fixed children of a session. */
  List<String> parts(String session) {
    return List.of(
        members(session, Role.WORKER),
        members(session, Role.COORDINATOR),
        leader(session),
        pending(session),
        failed(session),
        stats(session),
        usage(session));
  }

  String members(String session, Role role) {
    return session(session) + "/" + role.directory();
  }

  String leader(String session) {
    return session(session) + "/leader";
  }

  String pending(String session) {
    return session(session) + "/pending";
  }

  String pending(String session, ArchiveKey key) {
    return pending(session) + "/" + key.shard() + "/" + key.hex();
  }

  String pending(String session, Manifest manifest) {
    return batch(session, manifest.archive(), manifest.worker(), manifest.seq());
  }

  String batch(String session, String archive, String worker, long seq) {
    return pending(session, ArchiveKey.of(archive)) + "/" + worker + "/" + seq;
  }

  String failed(String session) {
    return session(session) + "/failed";
  }

  String failed(String session, FailedBatch failed) {
    String hash = ArchiveKey.of(failed.path()).hex();
    return failed(session) + "/" + hash.substring(0, 2) + "/" + hash;
  }

  String stats(String session) {
    return session(session) + "/stats";
  }

  String usage(String session) {
    return session(session) + "/usage";
  }

  String locks(String baseId) {
    return root + "/bases/" + baseId + "/locks";
  }

  String lock(String baseId, ArchiveKey key) {
    return locks(baseId) + "/" + key.hex();
  }
}
