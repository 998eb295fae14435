package io.sheaf.conf;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Every setting that Sheaf has. */
public final class Keys {
  private static final List<Key<?>> ALL = new ArrayList<>();

  public static final Key<String> SERVERS =
      key(
          "zookeeper",
          "servers",
          null,
          ValueTypes.TEXT,
          "ZooKeeper, as host:port,host:port/chroot");
  public static final Key<String> ROOT =
      key("zookeeper", "root", "/sheaf", ValueTypes.ZNODE, "znode that holds everything of Sheaf");
  public static final Key<Duration> SESSION_TIMEOUT =
      key(
          "zookeeper",
          "session_timeout",
          "10s",
          ValueTypes.POSITIVE_DURATION,
          "after that long a silence ZooKeeper takes a member for dead");
  public static final Key<Duration> CONNECT_TIMEOUT =
      key(
          "zookeeper",
          "connect_timeout",
          "15s",
          ValueTypes.POSITIVE_DURATION,
          "how long to wait for ZooKeeper to answer");
  public static final Key<String> USER =
      key("zookeeper", "user", null, ValueTypes.NAME, "user of ZooKeeper (digest)");
  public static final Key<Path> PASSWORD_FILE =
      key(
          "zookeeper",
          "password_file",
          null,
          ValueTypes.PATH,
          "file with the user's password, readable by its owner only");
  public static final Key<String> PASSWORD_ENV =
      key(
          "zookeeper",
          "password_env",
          null,
          ValueTypes.VARIABLE,
          "environment variable with the user's password");
  public static final Key<Path> CREDENTIALS =
      key(
          "zookeeper",
          "credentials",
          null,
          ValueTypes.PATH,
          "file with the passwords of a ZooKeeper that Sheaf has started; wins over user");
  public static final Key<Boolean> TLS =
      key("zookeeper", "tls", "false", ValueTypes.FLAG, "whether to speak TLS with ZooKeeper");
  public static final Key<Path> TLS_KEYSTORE =
      key(
          "zookeeper",
          "tls_keystore",
          null,
          ValueTypes.PATH,
          "file with this client's certificate and key: .pem, .jks or .p12, private");
  public static final Key<Path> TLS_KEYSTORE_PASSWORD_FILE =
      key(
          "zookeeper",
          "tls_keystore_password_file",
          null,
          ValueTypes.PATH,
          "file with the password of tls_keystore");
  public static final Key<Path> TLS_TRUSTSTORE =
      key(
          "zookeeper",
          "tls_truststore",
          null,
          ValueTypes.PATH,
          "file with the certificates to trust: .pem, .jks or .p12 (default: those of Java)");
  public static final Key<Path> TLS_TRUSTSTORE_PASSWORD_FILE =
      key(
          "zookeeper",
          "tls_truststore_password_file",
          null,
          ValueTypes.PATH,
          "file with the password of tls_truststore");
  public static final Key<Boolean> TLS_HOSTNAME_VERIFICATION =
      key(
          "zookeeper",
          "tls_hostname_verification",
          "true",
          ValueTypes.FLAG,
          "whether the certificate must be for the server that was asked for");
  public static final Key<Path> SASL_CONFIG =
      key(
          "zookeeper",
          "sasl_config",
          null,
          ValueTypes.PATH,
          "JAAS file with a section Client, to log in by SASL; readable by its owner only");

  public static final Key<String> SESSION =
      key("session", "session", null, ValueTypes.NAME, "name of the session");
  public static final Key<Path> BASE =
      key(
          "session",
          "base",
          null,
          ValueTypes.DIRECTORY,
          "base directory, on a filesystem that all members share");
  public static final Key<Duplicates> DUPLICATES =
      shared(
          "duplicates",
          "all",
          ValueTypes.enumeration(Duplicates.class),
          "what happens to an entry whose name is in the archive already");
  public static final Key<MergeOrder> ORDER =
      shared(
          "order",
          "time",
          ValueTypes.enumeration(MergeOrder.class),
          "order in which batches are merged");
  public static final Key<Duration> GAP_TIMEOUT =
      shared(
          "gap_timeout",
          "10m",
          ValueTypes.DURATION,
          "with order=sequence, how long a missing batch holds back the later ones of its worker");
  public static final Key<Duration> ROTATE_INTERVAL =
      shared(
          "rotate_interval", "5m", ValueTypes.POSITIVE_DURATION, "a batch is closed at this age");
  public static final Key<Long> ROTATE_BYTES =
      shared("rotate_bytes", "256M", ValueTypes.POSITIVE_SIZE, "a batch is closed at this size");
  public static final Key<Integer> ROTATE_ENTRIES =
      shared(
          "rotate_entries",
          "60000",
          ValueTypes.count(1, 10_000_000),
          "a batch is closed with that many entries");
  private static final List<String> COMPRESSIONS =
      List.of(
          "stored",
          "deflated",
          "auto",
          "deflated:1",
          "deflated:2",
          "deflated:3",
          "deflated:4",
          "deflated:5",
          "deflated:6",
          "deflated:7",
          "deflated:8",
          "deflated:9");

  public static final Key<String> COMPRESSION =
      shared(
          "compression",
          "stored",
          ValueTypes.oneOf(COMPRESSIONS),
          "how entries are kept in a zip: stored, deflated, deflated:1 to deflated:9, or auto, which"
              + " deflates what shrinks by a tenth at least");
  public static final Key<CommitStrategy> COMMIT =
      shared(
          "commit",
          "auto",
          ValueTypes.enumeration(CommitStrategy.class),
          "how a merge changes an archive");
  public static final Key<Duration> MERGE_MAX_AGE =
      shared(
          "merge_max_age",
          "1m",
          ValueTypes.DURATION,
          "a closed batch waits for others no longer than this before it is merged");
  public static final Key<Long> ARCHIVE_MAX_BYTES =
      shared(
          "archive_max_bytes",
          "50G",
          ValueTypes.SIZE,
          "an archive of this size is renamed NAME-0.zip, NAME-1.zip ...; 0 is no limit");
  public static final Key<Integer> ARCHIVE_MAX_ENTRIES =
      shared(
          "archive_max_entries",
          "0",
          ValueTypes.count(0, Integer.MAX_VALUE),
          "as archive_max_bytes, by the number of entries; 0 is no limit");
  public static final Key<Long> MAX_BYTES =
      shared(
          "max_bytes",
          "0",
          ValueTypes.SIZE,
          "contents that each user may deposit in the session; 0 is no limit");
  public static final Key<Integer> MAX_ENTRIES =
      shared(
          "max_entries",
          "0",
          ValueTypes.count(0, Integer.MAX_VALUE),
          "entries that each user may deposit in the session; 0 is no limit");
  public static final Key<List<Quota>> QUOTAS =
      add(
          new Key<>(
              "session",
              "quotas",
              null,
              ValueTypes.QUOTAS,
              "limits for a user in place of max_bytes and max_entries, and for archives whose"
                  + " names begin alike, as BYTES:ENTRIES",
              true));
  public static final Key<Boolean> SYMLINKS =
      shared("symlinks", "false", ValueTypes.FLAG, "whether entries may be symbolic links");

  public static final Key<Path> SOCKET =
      key(
          "worker",
          "socket",
          null,
          ValueTypes.PATH,
          "unix socket of the worker; %(node)s, %(host)s, %(session)s and %(uid)s are filled in"
              + " (default: sheaf-<uid>/<session>.sock in $XDG_RUNTIME_DIR, $TMPDIR or /tmp)");
  public static final Key<List<String>> ALLOW_USERS =
      key(
          "worker",
          "allow_users",
          null,
          ValueTypes.ACCOUNTS,
          "users who may deposit beside the worker's own and root");
  public static final Key<List<String>> ALLOW_GROUPS =
      key(
          "worker",
          "allow_groups",
          null,
          ValueTypes.ACCOUNTS,
          "groups whose members may deposit, by the group's list and by primary group");
  public static final Key<List<String>> TRUST_WORKERS_OF =
      key(
          "worker",
          "trust_workers_of",
          null,
          ValueTypes.ACCOUNTS,
          "users to whose workers a client deposits beside its own user's and root's");
  public static final Key<String> SPOOL =
      key(
          "worker",
          "spool",
          null,
          ValueTypes.TEMPLATE,
          "directory in which programs leave files that are to be deposited: what is renamed to"
              + " new/ARCHIVE.zip/PATH in it; with the same names as in socket");
  public static final Key<Duration> RESEND_TIME =
      key(
          "worker",
          "resend_time",
          "30s",
          ValueTypes.DURATION,
          "for how long a client sends again what a worker that is gone has not answered; 0 is"
              + " never");
  public static final Key<Integer> RESEND_TRIES =
      key(
          "worker",
          "resend_tries",
          "5",
          ValueTypes.count(1, 1_000_000),
          "how often a client sends a deposit, at most");
  public static final Key<Durability> DURABILITY =
      key(
          "worker",
          "durability",
          "write",
          ValueTypes.enumeration(Durability.class),
          "how safe a deposit is when it is answered");
  public static final Key<Integer> MAX_OPEN =
      key(
          "worker",
          "max_open",
          "64",
          ValueTypes.count(1, 100_000),
          "archives that have an open batch of their own; all others share one");
  public static final Key<Long> MEMORY_LIMIT =
      key(
          "worker",
          "memory_limit",
          "256M",
          ValueTypes.POSITIVE_SIZE,
          "contents that a worker holds in memory at most");
  public static final Key<Long> MAX_ENTRY_BYTES =
      key(
          "worker",
          "max_entry_bytes",
          "0",
          ValueTypes.SIZE,
          "largest entry that is taken; 0 is no limit");
  public static final Key<Duration> STOP_TIMEOUT =
      key(
          "worker",
          "stop_timeout",
          "30s",
          ValueTypes.DURATION,
          "how long a worker takes to leave after SIGTERM, at most");
  public static final Key<Duration> APPEND_GRACE =
      key(
          "worker",
          "append_grace",
          "10s",
          ValueTypes.DURATION,
          "how long a log that has an id waits for its client when the connection is lost, before"
              + " it becomes an entry");

  public static final Key<Integer> MERGE_THREADS =
      key(
          "coordinator",
          "merge_threads",
          "4",
          ValueTypes.count(1, 1024),
          "archives that a coordinator merges at a time");
  public static final Key<Duration> SALVAGE_GRACE =
      key(
          "coordinator",
          "salvage_grace",
          "10s",
          ValueTypes.DURATION,
          "how long a worker must be gone before its open batches are salvaged");
  public static final Key<Duration> SCAN_INTERVAL =
      key(
          "coordinator",
          "scan_interval",
          "30s",
          ValueTypes.POSITIVE_DURATION,
          "how often the leader looks for batches that nobody published");

  public static final Key<String> PIDFILE =
      key(
          "daemon",
          "pidfile",
          null,
          ValueTypes.TEMPLATE,
          "file that holds the process's id while it runs; may contain %(session)s, %(role)s,"
              + " %(pid)s, %(host)s, %(node)s, %(uid)s and %(job)s");
  public static final Key<String> LOGFILE =
      key(
          "daemon",
          "logfile",
          null,
          ValueTypes.TEMPLATE,
          "file to log to instead of standard error, with the same names in it (default with"
              + " --daemon: $XDG_STATE_HOME/sheaf or /tmp/sheaf-<uid>, then"
              + " %(session)s-%(role)s-%(host)s-%(pid)s.log)");
  public static final Key<Long> LOG_MAX_BYTES =
      key(
          "daemon",
          "log_max_bytes",
          "10M",
          ValueTypes.POSITIVE_SIZE,
          "a log file that is larger is renamed LOGFILE.1, that one LOGFILE.2 ...");
  public static final Key<Integer> LOG_COUNT =
      key(
          "daemon",
          "log_count",
          "5",
          ValueTypes.count(1, 20),
          "so many log files are kept besides the one that is written");
  public static final Key<String> DONE_FILE =
      key(
          "daemon",
          "done_file",
          null,
          ValueTypes.TEMPLATE,
          "file that gets the session's totals as JSON once it is closed, with the same names as"
              + " in pidfile");
  public static final Key<String> HEALTH_FILE =
      key(
          "daemon",
          "health_file",
          null,
          ValueTypes.TEMPLATE,
          "file that says every 5 s whether a coordinator can do its work, with the same names as in"
              + " pidfile");
  public static final Key<OnTerm> ON_TERM =
      key(
          "daemon",
          "on_term",
          null,
          ValueTypes.enumeration(OnTerm.class),
          "whether SIGTERM ends the session or only this member (default: drain in a Slurm job,"
              + " else leave)");
  public static final Key<Instant> ENDS_AT =
      key(
          "daemon",
          "ends_at",
          null,
          ValueTypes.INSTANT,
          "when this member's job ends (default: what Slurm says)");
  public static final Key<Duration> DRAIN_RESERVE =
      key(
          "daemon",
          "drain_reserve",
          "30s",
          ValueTypes.DURATION,
          "how long before the end of its job a member leaves; a drain begins earlier");
  public static final Key<Boolean> DRAIN_AT_END =
      key(
          "daemon",
          "drain_at_end",
          "true",
          ValueTypes.FLAG,
          "whether the session is drained before the last of its coordinators' jobs ends");

  private Keys() {}

  /** All keys, section by section. */
  public static List<Key<?>> all() {
    return List.copyOf(ALL);
  }

  public static Optional<Key<?>> named(String name) {
    for (Key<?> key : ALL) {
      if (key.name().equals(name)) {
        return Optional.of(key);
      }
    }
    return Optional.empty();
  }

  private static <T> Key<T> shared(String name, String defaultText, ValueType<T> type, String doc) {
    return add(new Key<>("session", name, defaultText, type, doc, true));
  }

  private static <T> Key<T> key(
      String section, String name, @Nullable String defaultText, ValueType<T> type, String doc) {
    return add(new Key<>(section, name, defaultText, type, doc, false));
  }

  private static <T> Key<T> add(Key<T> key) {
    ALL.add(key);
    return key;
  }
}
