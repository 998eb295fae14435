#!/usr/bin/env python3
"""Measures merging against the peer, against cat, and against itself. Only the standard library is
needed; the peer comes from a checkout of https://github.com/Contextualist/rear, with filelock.

    docs/bench/consolidate.py --dir DIR --rear CHECKOUT [ROW ...]

Each row is measured in turns: in each turn everything that is compared runs once, after a sync.
What is merged was just written and is in the page cache, for all of them; nothing is dropped from
it. Ratios are those of a turn; the table shows their median. It goes to stdout, in Markdown; every
single figure goes to stderr. Ends with 1 when a bar is missed.
"""

import argparse
import os
import platform
import signal
import sys
import tempfile

from consolidation import reflink, rows, together
from consolidation.bench import Bench
from consolidation.rear import Rear
from consolidation.scratch import Scratch, Skipped, say
from consolidation.sheaf import Sheaf, Warm, build, newest_java
from consolidation.table import Line, markdown

ROWS = {
    "stored": rows.stored,
    "deflated": rows.deflated,
    "adopt": rows.adopt,
    "append": rows.append,
    "coordinators": together.coordinators,
    "recovers": together.two_recovers,
    "heap": rows.heap,
    "many": rows.many,
    "reflink": reflink.reflink,
}


def arguments():
    listed = "\n".join(f"  {name:14}{row.__doc__}" for name, row in ROWS.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"rows:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", nargs="*", metavar="ROW", help="default: all")
    parser.add_argument("--dir", default=tempfile.gettempdir(),
                        help="a directory on the filesystem to measure, with 10 GB free")
    parser.add_argument("--rear", metavar="CHECKOUT", help="the peer; without it, only Sheaf")
    parser.add_argument("--rear-python", metavar="PYTHON",
                        help="what runs it (default: CHECKOUT/.venv/bin/python, or this one)")
    parser.add_argument("--runs", type=int, default=7, help="turns that count (default: 7)")
    parser.add_argument("--java", metavar="HOME", help="the JDK (default: as the launcher)")
    parser.add_argument("--keep", action="store_true", help="leave the files there")
    parser.add_argument("--no-build", action="store_true", help="the build is up to date")
    args = parser.parse_args()
    unknown = [name for name in args.row if name not in ROWS]
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    if not os.path.isdir(args.dir):
        parser.error(f"--dir {args.dir}: no such directory; make it on the filesystem to measure")
    return args


def measure(bench, names):
    lines = []
    for name in names:
        try:
            lines += ROWS[name](bench)
        except Skipped as reason:
            say(f"{name}: skipped: {reason}")
            lines.append(Line(name, f"skipped: {reason}"))
        except (OSError, RuntimeError) as problem:
            say(f"{name}: failed: {problem}")
            lines.append(Line(name, f"failed: {problem}", reached="**no**"))
        print(markdown(lines), file=sys.stderr, flush=True)
        # What one row has made is not the next row's burden.
        bench.end_warm()
    return lines


def main():
    args = arguments()
    rear = Rear(args.rear, args.rear_python) if args.rear else None
    if rear is None:
        say("no --rear CHECKOUT is given: nothing is compared with rear")
    if not args.no_build:
        build()
    java = args.java or newest_java()
    sheaf = Sheaf(java)
    scratch = Scratch(args.dir)
    bench = Bench(scratch, sheaf, lambda: Warm(java), rear, args.runs)
    try:
        lines = measure(bench, args.row or list(ROWS))
    finally:
        bench.end_warm()
        if args.keep:
            say(f"kept: {scratch.root}")
        else:
            scratch.close()
    print(f"JDK {sheaf.feature}, Python {platform.python_version()}, {platform.platform()},"
          f" median of {args.runs} turns\n")
    print(markdown(lines))
    return 1 if any("no" in line.verdict() for line in lines) else 0


if __name__ == "__main__":
    # So that what was made, started and mounted is taken away then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
