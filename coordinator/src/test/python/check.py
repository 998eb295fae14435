#!/usr/bin/env python3
"""Looks up every deposit that writers.py noted in the archives, with Python's zipfile.

    check.py BASE ACKS...

Prints the counts. Ends with 1 if one is lost, doubled or harmed, or if an archive holds something
that no writer wrote. A deposit that was not acknowledged may be there once or not at all.
"""
import collections
import glob
import os
import re
import sys
import zipfile

from writers import contents


def main():
    base, acks = sys.argv[1], sys.argv[2:]
    acknowledged = {}
    for file in acks:
        with open(file) as lines:
            for line in lines:
                # The last line of a writer that was killed may be torn.
                if line.endswith('\n'):
                    name, size = line.split()
                    acknowledged[name] = int(size)
    found = collections.Counter()
    harmed = 0
    for path in glob.glob(base + '/**/*.zip', recursive=True):
        # An archive that was full is under another name: ar.zip as ar-0.zip, ar-1.zip ...
        archive = re.sub(r'-[0-9]+\.zip$', '.zip', os.path.relpath(path, base))
        with zipfile.ZipFile(path) as zip_file:
            for entry in zip_file.infolist():
                name = archive + '/' + entry.filename
                found[name] += 1
                if zip_file.read(entry) != contents(name, entry.file_size):
                    print('harmed:', name)
                    harmed += 1
                elif entry.file_size != acknowledged.get(name, entry.file_size):
                    print('cut:', name)
                    harmed += 1
    lost = [name for name in acknowledged if name not in found]
    doubled = [name for name, count in found.items() if count > 1]
    for name in lost[:10]:
        print('lost:', name)
    for name in doubled[:10]:
        print('doubled:', name)
    extra = len(found) - len(acknowledged) + len(lost)
    print(f'acknowledged {len(acknowledged)} found {len(found)} lost {len(lost)} '
          f'doubled {len(doubled)} harmed {harmed} unacknowledged {extra}')
    sys.exit(1 if lost or doubled or harmed else 0)


main()
