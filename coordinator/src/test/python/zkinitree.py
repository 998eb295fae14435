"""Compares a ZooKeeper tree with a config file of vsc-zk's zkinitree, by means of kazoo.

The file is read as vsc-zk reads it: with configparser, case-sensitive. Each ACL on the server must
give what kazoo's make_digest_acl computes; then each user logs in and tries what it may do.
"""

import configparser
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import NoAuthError
from kazoo.security import Permissions, make_digest_acl

ATTRIBUTES = ("value", "ephemeral", "sequence", "makepath")


def read(path):
    parser = configparser.ConfigParser()
    parser.optionxform = str
    with open(path, encoding="utf-8") as file:
        parser.read_file(file)
    sections = {name: dict(parser.items(name)) for name in parser.sections() if name != "MAIN"}
    users = {name: keys["passwd"] for name, keys in sections.items() if not name.startswith("/")}
    znodes = {name: keys for name, keys in sections.items() if name.startswith("/")}
    return users, znodes


def acls(users, keys):
    """As vsc-zk's parse_acls: an ACL for each key and user, root's first."""
    result = [make_digest_acl("root", users["root"], all=True)]
    for key, names in keys.items():
        if key in ATTRIBUTES or not names:
            continue
        rights = "rwcda" if key == "all" else key
        for name in names.split(","):
            result.append(
                make_digest_acl(
                    name.strip(),
                    users[name.strip()],
                    read="r" in rights,
                    write="w" in rights,
                    create="c" in rights,
                    delete="d" in rights,
                    admin="a" in rights,
                )
            )
    return result


def by_id(acl_list):
    result = {}
    for acl in acl_list:
        key = (acl.id.scheme, acl.id.id)
        result[key] = result.get(key, 0) | acl.perms
    return result


def allowed(action):
    try:
        action()
        return True
    except NoAuthError:
        return False


def tries(root, client, path, rights):
    """What a user does on one znode, with whether it should be able to; leaves all as it was."""
    acl = root.get_acls(path)[0]
    probe = path + "/probe"
    yield "read", allowed(lambda: client.get(path)), rights & Permissions.READ
    yield "list", allowed(lambda: client.get_children(path)), rights & Permissions.READ
    data = root.get(path)[0]
    yield "write", allowed(lambda: client.set(path, data)), rights & Permissions.WRITE
    created = allowed(lambda: client.create(probe, acl=[make_digest_acl("x", "x", all=True)]))
    yield "create", created, rights & Permissions.CREATE
    if not created:
        root.create(probe)
    deleted = allowed(lambda: client.delete(probe))
    yield "delete", deleted, rights & Permissions.DELETE
    if not deleted:
        root.delete(probe)
    yield "admin", allowed(lambda: client.set_acls(path, acl)), rights & Permissions.ADMIN


def connect(servers, name, password):
    client = KazooClient(hosts=servers, auth_data=[("digest", name + ":" + password)])
    client.start(30)
    return client


def main(servers, path, data="new-data"):
    users, znodes = read(path)
    wrong = []
    trials = 0
    root = connect(servers, "root", users["root"])
    expected = {znode: by_id(acls(users, keys)) for znode, keys in znodes.items()}
    for znode, rights in expected.items():
        found = root.get_acls(znode)[0]
        if by_id(found) != rights or len(found) != len(rights):
            wrong.append("%s: %s, not %s" % (znode, found, rights))
        value = root.get(znode)[0].decode()
        if data == "new-data" and value != znodes[znode].get("value", ""):
            wrong.append("%s: other data" % znode)
    users["stranger"] = "none"
    for name, password in users.items():
        client = connect(servers, name, password)
        own = make_digest_acl(name, password, all=True).id.id
        for znode, rights in expected.items():
            for what, could, may in tries(root, client, znode, rights.get(("digest", own), 0)):
                trials += 1
                if could != bool(may):
                    wrong.append("%s %s %s %s" % (name, "can" if could else "cannot", what, znode))
        client.stop()
        client.close()
    root.stop()
    for line in wrong:
        print("wrong:", line)
    print("users %d znodes %d trials %d wrong %d" % (len(users), len(znodes), trials, len(wrong)))


main(*sys.argv[1:])
