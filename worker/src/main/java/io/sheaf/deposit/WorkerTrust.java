package io.sheaf.deposit;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/**
 * Whose workers get deposits. In a directory such as /tmp somebody else may have made the socket
 * first, read what comes and answer that it is safe. So the kernel is asked who listens
 * (SO_PEERCRED), before anything is sent.
 */
final class WorkerTrust {
  private final Set<UserPrincipal> users;

  private WorkerTrust(Set<UserPrincipal> users) {
    this.users = users;
  }

  /** This process's user, and root. */
  static WorkerTrust own() throws IOException {
    return of(List.of());
  }

  /** The same and those of {@code trust_workers_of}. */
  static WorkerTrust of(Settings settings) throws IOException {
    return of(settings.find(Keys.TRUST_WORKERS_OF).orElse(List.of()));
  }

  private static WorkerTrust of(List<String> names) throws IOException {
    Set<UserPrincipal> users = new HashSet<>();
    users.add(Files.getOwner(Path.of("/proc/self")));
    users.add(user(Integer.toString(Owners.ROOT)));
    for (String name : names) {
      users.add(user(name));
    }
    return new WorkerTrust(users);
  }

  /** By name or number. */
  private static UserPrincipal user(String name) {
    try {
      return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
    } catch (IOException e) {
      throw new ConfException(
          Keys.TRUST_WORKERS_OF.name()
              + ": no user is named "
              + name
              + " on this node: correct it, or give the number",
          e);
    }
  }

  /**
   * Looks who serves a connection.
   *
   * @throws DepositException REFUSED when that is not one of these users
   */
  void check(Path socket, SocketChannel channel) throws IOException {
    UserPrincipal server = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    if (!users.contains(server)) {
      throw new DepositException(
          Kind.REFUSED,
          "the worker at "
              + socket
              + " is run by user "
              + server.getName()
              + ", who could read or lose what is deposited: use a worker of your own, or say"
              + " trust_workers_of="
              + server.getName()
              + " (SHEAF_TRUST_WORKERS_OF) if you trust it");
    }
  }
}
