#!/usr/bin/env python3
"""Looks up in archives what `sheaf load` has deposited, with Python's zipfile and not with Sheaf.

    account.py BASE ACCOUNT...

BASE is the session's base directory, after its drain; each ACCOUNT is what `sheaf load --account` wrote.
Every zip below BASE, but for those in .sheaf, is read, every byte of it, and compared with the accounts:

    lost      the worker answered for it, and it is not there
    doubled   it is there more often than it was sent, or two records of a directory have one name
    alien     it is there and was never sent
    torn      it cannot be read: a checksum, the archive itself, or `unzip -t` where that is installed

What was sent and never answered may be there once or not. Of a name that is deposited again NAME~2.EXT and
so on are further deposits, and ARCHIVE-0.zip ... are parts of an archive that was rolled. One line goes to
standard output; what is wrong is named on standard error. Exit status: 0 nothing is, 1 something is, 2 the
accounts cannot be used.
"""

import collections
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib

SHOWN = 20
PIECE = 1 << 20
FURTHER = re.compile(r"^(.*[^/])~(\d+)((?:\.[^./]*)?)$")
VOLUME = re.compile(r"^(.*[^/])-(\d+)\.zip$")


class Accounts:
    """What was sent and what was answered: for each (archive, name) a multiset of (size, SHA-256)."""

    def __init__(self):
        self.sent = collections.defaultdict(collections.Counter)
        self.answered = collections.defaultdict(collections.Counter)
        self.archives = set()

    def read(self, path):
        with open(path, encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                if not self.take(line.rstrip("\n").split("\t")):
                    print(f"account.py: {path}:{number}: not a whole line, passed over", file=sys.stderr)
        return self

    def take(self, fields):
        """False for a line that was cut off: what it would say counts as not said."""
        kind, rest = fields[0], fields[1:]
        if len(rest) != (5 if kind == "failed" else 4) or not re.fullmatch("[0-9a-f]{64}", rest[3]):
            return False
        place, contents = (rest[0], rest[1]), (int(rest[2]), bytes.fromhex(rest[3]))
        if kind == "sent":
            self.archives.add(rest[0])
            self.sent[place][contents] += 1
        elif self.sent[place][contents] == 0:
            fail(f"{'/'.join(place)} has an answer and was never sent: is this the whole account?")
        elif kind == "done":
            self.answered[place][contents] += 1
        return kind in ("sent", "done", "failed")


class Findings:
    """What is wrong, by kind: how much, and the first of each with name."""

    KINDS = ("lost", "doubled", "alien", "torn")

    def __init__(self):
        self.counts = collections.Counter()
        self.named = collections.defaultdict(list)

    def add(self, kind, what, count=1):
        self.counts[kind] += count
        self.named[kind].append(what)

    def show(self, out):
        for kind in self.KINDS:
            for what in self.named[kind][:SHOWN]:
                print(f"{kind}: {what}", file=out)
            if len(self.named[kind]) > SHOWN:
                print(f"{kind}: ... and {len(self.named[kind]) - SHOWN} more", file=out)


def archives_below(base):
    """The paths, relative to the base directory, of all zips that are not Sheaf's own."""
    for directory, directories, files in os.walk(base, onerror=fail):
        if directory == base and ".sheaf" in directories:
            directories.remove(".sheaf")
        directories.sort()
        for name in sorted(files):
            if name.endswith(".zip"):
                yield os.path.relpath(os.path.join(directory, name), base)


def archive_of(path, known):
    volume = VOLUME.match(path)
    if path not in known and volume and volume.group(1) + ".zip" in known:
        return volume.group(1) + ".zip"
    return path


def name_of(archive, name, sent):
    further = FURTHER.match(name)
    if (archive, name) not in sent and further and int(further.group(2)) >= 2:
        first = further.group(1) + further.group(3)
        if (archive, first) in sent:
            return first
    return name


def contents_of(archive, info):
    digest, size = hashlib.sha256(), 0
    with archive.open(info) as stream:
        for piece in iter(lambda: stream.read(PIECE), b""):
            digest.update(piece)
            size += len(piece)
    return size, digest.digest()


def read_archive(base, path, accounts, found, findings):
    archive = archive_of(path, accounts.archives)
    try:
        with zipfile.ZipFile(os.path.join(base, path)) as opened:
            names = collections.Counter(info.orig_filename for info in opened.infolist())
            for name, count in names.items():
                if count > 1:
                    findings.add("doubled", f"{path}: {count} records of {name}", count - 1)
            for info in opened.infolist():
                read_entry(opened, path, archive, info, accounts, found, findings)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as e:
        findings.add("torn", f"{path}: {e}")


def read_entry(opened, path, archive, info, accounts, found, findings):
    try:
        contents = contents_of(opened, info)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zlib.error) as e:
        findings.add("torn", f"{path}: {info.filename}: {e}")
        return
    found[archive, name_of(archive, info.filename, accounts.sent)][contents] += 1


def unzip(base, path, findings):
    ended = subprocess.run(
        ["unzip", "-tqq", os.path.join(base, path)], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if ended.returncode != 0:
        text = ended.stdout.decode("utf-8", "replace").strip().split("\n")[0]
        findings.add("torn", f"{path}: unzip -t ends with {ended.returncode}: {text}")


def compare(accounts, found, findings):
    """How many there are that were never answered for."""
    unanswered = 0
    for place in sorted(accounts.sent.keys() | found.keys()):
        named = "/".join(place)
        sent, answered, there = accounts.sent.get(place, {}), accounts.answered.get(place, {}), found.get(place, {})
        for contents in sent.keys() | there.keys():
            s, a, f = sent.get(contents, 0), answered.get(contents, 0), there.get(contents, 0)
            what = f"{named} ({contents[0]} bytes, SHA-256 {contents[1].hex()[:16]}...)"
            if f < a:
                findings.add("lost", what, a - f)
            if s == 0:
                findings.add("alien", what, f)
            elif f > s:
                findings.add("doubled", what, f - s)
            unanswered += max(0, min(f, s) - a)
    return unanswered


def total(multisets):
    return sum(sum(multiset.values()) for multiset in multisets.values())


def fail(reason):
    print(f"account.py: {reason}", file=sys.stderr)
    sys.exit(2)


def main(arguments):
    if len(arguments) < 2 or arguments[0].startswith("-"):
        fail("give the base directory and accounts: account.py BASE ACCOUNT...")
    base, accounts = arguments[0], Accounts()
    try:
        for path in arguments[1:]:
            accounts.read(path)
    except (OSError, UnicodeDecodeError) as e:
        fail(e)
    if not accounts.sent:
        fail("nothing was sent, by these accounts: there is nothing to look up")
    findings, found = Findings(), collections.defaultdict(collections.Counter)
    archives = list(archives_below(base))
    for path in archives:
        read_archive(base, path, accounts, found, findings)
        if shutil.which("unzip"):
            unzip(base, path, findings)
    unanswered = compare(accounts, found, findings)
    print(
        f"sent {total(accounts.sent)} answered {total(accounts.answered)} found {total(found)}"
        f" unanswered-but-there {unanswered} "
        + " ".join(f"{kind} {findings.counts[kind]}" for kind in Findings.KINDS)
        + f" archives {len(archives)}")
    findings.show(sys.stderr)
    return 1 if findings.counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
