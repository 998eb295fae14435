#!/usr/bin/env python3
"""Measures what a merge costs as the archive grows, and draws it. Needs the standard library only.

    docs/bench/merge_cost.py --dir DIR          writes docs/merge-cost.csv and docs/merge-cost.svg
    docs/bench/merge_cost.py --draw             draws what docs/merge-cost.csv says

For each commit= an archive grows from 0 to 2,000,000 entries of 100 bytes, in one warm process. At
each of 21 sizes some merges of 1,000 new entries are timed, in turns between the strategies; then
one large batch brings the archive to the next size.
"""

import argparse
import csv
import os
import pathlib
import signal
import statistics
import sys
import tempfile

from consolidation.plot import plot
from consolidation.scratch import Scratch, say
from consolidation.sheaf import HOME, Warm, build, feature, newest_java

STRATEGIES = ("replace", "in-place")
ARCHIVE, SIZE = "ar0.zip", 100
FIELDS = ["commit", "entries", "archive_bytes", "median_s", "least_s", "most_s"]


def measure(args):
    java = args.java or newest_java()
    scratch = Scratch(args.dir)
    scratch.require(4)
    warm = Warm(java)
    try:
        # Another archive warms the process first, so that the smallest sizes are not the coldest.
        for turn in range(20):
            for strategy in STRATEGIES:
                timed_merge(warm, scratch.root / f"warm-{strategy}", strategy, 1000 * turn, 1000)
        bases = {strategy: scratch.root / strategy for strategy in STRATEGIES}
        return [row for step in range(args.points + 1)
                for row in at_size(warm, bases, step, args)]
    finally:
        warm.close()
        scratch.close()


def at_size(warm, bases, step, args):
    """Grows each archive to a size, then times merges; a row each."""
    size = args.most * step // args.points
    have = size - args.most // args.points + args.merges * args.entries
    taken = {strategy: [] for strategy in bases}
    for strategy, base in bases.items():
        if step > 0:
            timed_merge(warm, base, strategy, have, size - have)
    for turn in range(args.merges):
        for strategy, base in bases.items():
            first = size + turn * args.entries
            taken[strategy].append(timed_merge(warm, base, strategy, first, args.entries))
    rows = []
    for strategy, base in bases.items():
        times = taken[strategy]
        rows.append(dict(zip(FIELDS, [
            strategy, size, (base / ARCHIVE).stat().st_size,
            f"{statistics.median(times):.5f}", f"{min(times):.5f}", f"{max(times):.5f}"])))
        say("{commit:9} {entries:>9,} entries  {median_s} s  ({least_s} to {most_s})"
            .format(**rows[-1]))
    return rows


def timed_merge(warm, base, strategy, first, count):
    warm.ask("fill", base, ARCHIVE, first, count, SIZE)
    os.sync()
    return warm.merge(base, strategy, threads=1, entries=count)


def draw(rows, entries):
    series = {}
    for row in rows:
        values = [float(row[f]) for f in ("median_s", "least_s", "most_s")]
        point = (int(row["entries"]), *(1000 * v for v in values))
        series.setdefault(row["commit"], []).append(point)
    return plot(
        f"Cost of a merge of {entries:,} new entries, by the size of the archive",
        "entries in the archive (100 bytes each)", "milliseconds a merge", series,
        x_text=lambda v: f"{v / 1e6:g} M" if v else "0", y_text=lambda v: f"{v:g}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", default=tempfile.gettempdir(),
                        help="a directory on the filesystem to measure, with 4 GB free")
    parser.add_argument("--most", type=int, default=2_000_000, help="entries in the end")
    parser.add_argument("--points", type=int, default=20, help="sizes after the first")
    parser.add_argument("--merges", type=int, default=7, help="timed at each size (default: 7)")
    parser.add_argument("--entries", type=int, default=1000, help="new in a timed merge")
    parser.add_argument("--java", metavar="HOME", help="the JDK (default: as the launcher)")
    parser.add_argument("--out", type=pathlib.Path, default=HOME / "docs" / "merge-cost",
                        help="where to, without .csv and .svg")
    parser.add_argument("--draw", action="store_true", help="draw what was measured before")
    args = parser.parse_args()
    table = args.out.with_suffix(".csv")
    if not args.draw:
        build()
        rows = measure(args)
        with open(table, "w", newline="") as file:
            out = csv.DictWriter(file, FIELDS, lineterminator="\n")
            out.writeheader()
            out.writerows(rows)
        say(f"JDK {feature(args.java or newest_java())}: wrote {table}")
    with open(table, newline="") as file:
        args.out.with_suffix(".svg").write_text(draw(list(csv.DictReader(file)), args.entries))


if __name__ == "__main__":
    # So that what was made, started and mounted is taken away then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
