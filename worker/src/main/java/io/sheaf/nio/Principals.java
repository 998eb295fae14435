package io.sheaf.nio;

import io.sheaf.deposit.Owners;
import io.sheaf.zip.Attributes;
import java.io.IOException;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;

/** Users and groups by number, as entries have them. */
final class Principals {
  static final UserPrincipalLookupService LOOKUP =
      new UserPrincipalLookupService() {
        @Override
        public UserPrincipal lookupPrincipalByName(String name) throws IOException {
          boolean self = name.equals(System.getProperty("user.name"));
          return new User(self ? Owners.self() : number(name));
        }

        @Override
        public GroupPrincipal lookupPrincipalByGroupName(String name) throws IOException {
          return new Group(number(name));
        }
      };

  private Principals() {}

  record User(int id) implements UserPrincipal {
    @Override
    public String getName() {
      return name(id);
    }
  }

  record Group(int id) implements GroupPrincipal {
    @Override
    public String getName() {
      return name(id);
    }
  }

  private static String name(int id) {
    return id == Attributes.UNKNOWN ? "unknown" : Integer.toUnsignedString(id);
  }

  /**
   * The number of a user or group.
   *
   * @throws UnsupportedOperationException when it has another name than its number
   */
  static int id(UserPrincipal principal) {
    if (principal instanceof User user) {
      return user.id();
    }
    if (principal instanceof Group group) {
      return group.id();
    }
    try {
      return number(principal.getName());
    } catch (UserPrincipalNotFoundException e) {
      throw new UnsupportedOperationException(
          "the owner "
              + principal.getName()
              + " must be given by number: look it up with this file system's service, as \"1000\"",
          e);
    }
  }

  private static int number(String name) throws UserPrincipalNotFoundException {
    try {
      return name.equals("root") ? Owners.ROOT : Integer.parseUnsignedInt(name);
    } catch (NumberFormatException e) {
      UserPrincipalNotFoundException none = new UserPrincipalNotFoundException(name);
      none.initCause(e);
      throw none;
    }
  }
}
