"""The rows that merge batches, and what each is held against."""

import os
import shutil
import subprocess

from . import members
from .scratch import say
from .table import Bar, Line, pairs, seconds

ZIPS, FILES, SIZE, ARCHIVES = 40, 2500, 4096, 10
WORK = f"{ZIPS} batches, {ZIPS * FILES:,} × 4 KiB"


def stored(bench):
    """40 batches of 4 KiB entries, stored, into 10 archives: warm against cat, cold against rear"""
    bench.scratch.require(3)
    plain = bench.plain_inbox("stored.rear", zips=ZIPS, files=FILES, size=SIZE, archives=ARCHIVES)
    source = bench.batches(plain, "stored.sheaf", ZIPS // ARCHIVES)
    cat, warm, cold, rear = [], [], [], []
    for turn in bench.turns("stored", warm_up=4):
        base = bench.copy_base(source, "base")
        cat_time = bench.cat(base)
        warm_time = bench.warm.merge(base, entries=ZIPS * FILES)
        if turn < 1:
            bench.told(cat=cat_time, warm=warm_time)
            continue
        base = bench.copy_base(source, "base")
        cold_time = bench.sheaf.recover(base)
        rear_time = bench.rear_merge(plain)
        bench.told(cat=cat_time, warm=warm_time, cold=cold_time, rear=rear_time)
        for figures, figure in ((cat, cat_time), (warm, warm_time), (cold, cold_time),
                                (rear, rear_time)):
            figures.append(figure)
    bench.sheaf.verify(base)
    bench.same_as_rear(base)
    return [
        Line(f"{WORK} stored, into {ARCHIVES} archives, warm", f"`cat` + sync {seconds(cat)}",
             seconds(warm), pairs(warm, cat), Bar(1.3, 0.8)),
        bench.against_rear("the same, whole cold process", cold, rear, 1 / 4, 1 / 8),
    ]


def deflated(bench):
    """the same members deflated, as whole cold processes against rear"""
    bench.scratch.require(3)
    plain = bench.plain_inbox("deflated.rear", zips=ZIPS, files=FILES, size=SIZE,
                              archives=ARCHIVES, deflated=True)
    source = bench.batches(plain, "deflated.sheaf", ZIPS // ARCHIVES, "deflated")
    cold, rear = [], []
    for _ in bench.turns("deflated"):
        base = bench.copy_base(source, "base")
        cold.append(bench.sheaf.recover(base))
        rear.append(bench.rear_merge(plain))
        bench.told(cold=cold[-1], rear=rear[-1])
    bench.sheaf.verify(base)
    bench.same_as_rear(base)
    return [bench.against_rear(
        f"{WORK} deflated, into {ARCHIVES} archives, whole cold process", cold, rear,
        1 / 15, 1 / 30)]


def adopt(bench):
    """rear's own inbox, stored and deflated, taken over by a whole cold process, against rear"""
    bench.scratch.require(3)
    lines = []
    for deflated, must, aim in ((False, 1 / 3, 1 / 6), (True, 1 / 10, 1 / 20)):
        kind = "deflated" if deflated else "stored"
        plain = bench.plain_inbox(f"{kind}.rear", zips=ZIPS, files=FILES, size=SIZE,
                                  archives=ARCHIVES, deflated=deflated)
        cold, rear = [], []
        for turn in bench.turns(f"adopt {kind}"):
            # Who comes second has pages that the other has just set free. On a virtual machine new
            # ones cost more, so nobody is always the first.
            if turn % 2 == 0:
                rear.append(bench.rear_merge(plain))
            base = bench.scratch.copy(plain, "base")
            cold.append(bench.sheaf.run("adopt", "-d", base))
            if turn % 2 == 1:
                rear.append(bench.rear_merge(plain))
            bench.told(cold=cold[-1], rear=rear[-1])
        bench.sheaf.verify(base)
        bench.same_as_rear(base)
        lines.append(bench.against_rear(
            f"`sheaf adopt` on rear's inbox, {ZIPS * FILES:,} × 4 KiB {kind} in {ZIPS} zips, whole"
            " cold process", cold, rear, must, aim))
    return lines


STRATEGIES = ("auto", "in-place", "replace")
OLD, OLD_SIZE, NEW = 1_000_000, 100, 1000


def large_archive(bench, entries):
    """A base with one archive of so many entries of 100 bytes, made once."""
    base = bench.scratch.root / f"archive-of-{entries}"
    if not base.exists():
        say(f"making an archive of {entries:,} entries")
        batch = min(entries, 1_000_000)
        for first in range(0, entries, batch):
            bench.warm.ask("fill", base, "ar0.zip", first, batch, OLD_SIZE)
        bench.warm.merge(base, "replace", entries=entries)
    return base


def append(bench):
    """1,000 new entries into an archive of 1,000,000: warm and cold, for each commit="""
    bench.scratch.require(4)
    source = large_archive(bench, OLD)
    old_mb = (source / "ar0.zip").stat().st_size / 1e6
    bases = {(mode, s): bench.copy_base(source, f"{mode}-{s}")
             for mode in ("warm", "cold") for s in STRATEGIES}
    peer = bench.scratch.fresh("append.rear")
    peer.mkdir()
    (peer / "ar0.zip").write_bytes((source / "ar0.zip").read_bytes())
    taken = {key: [] for key in bases}
    rear = []
    for turn in bench.turns("append", warm_up=2):
        plain = bench.scratch.fresh("append.plain")
        members.write_inbox(plain / "inbox", zips=1, files=NEW, size=SIZE, archives=1,
                            prefix=f"turn{turn}-")
        for base in bases.values():
            bench.warm.ask("batches", plain / "inbox", base, 1, "stored")
        figures = {}
        for (mode, strategy), base in bases.items():
            os.sync()  # Nobody starts with another's writes.
            if mode == "warm":
                figures[mode, strategy] = bench.warm.merge(base, strategy, entries=NEW)
            else:
                figures[mode, strategy] = bench.sheaf.recover(base, strategy)
        rear_time = append_rear(bench, peer, plain) if turn > 0 else None
        bench.told(**{" ".join(key): value for key, value in figures.items()}, rear=rear_time)
        if turn > 0:
            rear.append(rear_time)
            for key, value in figures.items():
                taken[key].append(value)
    check_append(bench, bases, peer)
    old = f"{NEW:,} new × 4 KiB into an archive of {OLD:,} ({old_mb:.0f} MB), `commit="
    lines = []
    for mode, bars in (("warm", (1 / 15, 1 / 25)), ("cold", (1 / 7, 1 / 10))):
        for strategy in STRATEGIES:
            how = "warm" if mode == "warm" else "whole cold process"
            # The bar is for what a session does by itself; the others are told beside it.
            held = bars if strategy == "auto" else (None, None)
            lines.append(bench.against_rear(
                f"{old}{strategy}`, {how}", taken[mode, strategy], rear, *held))
    return lines


def append_rear(bench, peer, plain):
    if bench.rear is None:
        return None
    shutil.copytree(plain / "inbox", peer / "inbox")
    os.sync()
    taken = bench.rear.merge(peer)
    shutil.rmtree(peer / "inbox")
    return taken


def check_append(bench, bases, peer):
    for base in bases.values():
        bench.sheaf.verify(base)
    counts = {members.entries(base / "ar0.zip") for base in bases.values()}
    if len(counts) != 1:
        raise RuntimeError(f"the archives differ: {counts}")
    # The turns that were not counted went to Sheaf alone.
    if bench.rear and members.entries(peer / "ar0.zip") != OLD + NEW * bench.runs:
        raise RuntimeError("rear has not merged all")


def many(bench):
    """100,000 files in 2,000 archives, from mixed batches, and rear with few open files"""
    bench.scratch.require(5)
    destinations = 2000
    few = bench.plain_inbox("stored.rear", zips=ZIPS, files=FILES, size=SIZE, archives=ARCHIVES)
    few_base = bench.batches(few, "stored.sheaf", ZIPS // ARCHIVES)
    plain = bench.plain_inbox("many.rear", zips=ZIPS, files=FILES, size=SIZE,
                              archives=destinations)
    source = bench.scratch.root / "many.sheaf"
    if not source.exists():
        say("depositing into 2,000 archives")
        bench.warm.ask("deposit", plain / "inbox", source, 64, 1)
    made = sum(path.is_file() for path in (source / ".sheaf" / "inbox").rglob("*.zip"))
    cold_few, cold, warm_few, warm, rear = [], [], [], [], []
    for turn in bench.turns("many", warm_up=1):
        figures = {
            "warm_few": bench.warm.merge(bench.copy_base(few_base, "base"), entries=ZIPS * FILES),
            "warm": bench.warm.merge(bench.copy_base(source, "base"), entries=ZIPS * FILES),
            "cold_few": bench.sheaf.recover(bench.copy_base(few_base, "base")),
            "cold": bench.sheaf.recover(bench.copy_base(source, "base")),
        }
        figures["rear"] = bench.rear_merge(plain) if turn > 0 else None
        bench.told(**figures)
        if turn > 0:
            for values, name in ((cold_few, "cold_few"), (cold, "cold"), (warm_few, "warm_few"),
                                 (warm, "warm"), (rear, "rear")):
                values.append(figures[name])
    base = bench.scratch.root / "base"
    bench.sheaf.verify(base)
    bench.same_as_rear(base)
    work = f"{ZIPS * FILES:,} × 4 KiB in {destinations:,} archives, {made} files of one worker"
    lines = [
        Line(f"{work}, warm", f"into {ARCHIVES} archives {seconds(warm_few)}", seconds(warm),
             pairs(warm, warm_few), Bar(None, 3)),
        Line(f"{work}, whole cold process", f"into {ARCHIVES} archives {seconds(cold_few)}",
             seconds(cold), pairs(cold, cold_few), Bar(None, 3)),
        bench.against_rear(f"{work}, whole cold process", cold, rear),
    ]
    if bench.rear:
        says = bench.rear.failure(bench.scratch.copy(plain, "rear"), 1024)
        lines.append(Line("the same with at most 1,024 open files", f"rear: {says or 'works'}",
                          few_open_files(bench, source)))
    return lines


def few_open_files(bench, source):
    """Sheaf with the limit of open files that most systems have."""
    base = bench.copy_base(source, "base")
    command = bench.sheaf.command("recover", "-r", base)
    result = subprocess.run(["sh", "-c", 'ulimit -n 1024; exec "$@"', "sh", *command],
                            env=bench.sheaf.env(), stdout=subprocess.DEVNULL)
    return "works" if result.returncode == 0 else f"ends with {result.returncode}"


def heap(bench):
    """the smallest heap that merges 1,000 entries into archives of 1,000,000 and 10,000,000"""
    bench.scratch.require(10)
    lines = []
    for old, bar in ((1_000_000, 128), (10_000_000, 1024)):
        base = large_archive(bench, old)
        trial = Trial(bench, base)
        for strategy in ("in-place", "replace"):
            least = trial.least(strategy, bar, bar // 16)
            lines.append(Line(
                f"heap to merge {NEW:,} entries into an archive of {old:,}, `commit={strategy}`",
                f"`-Xmx{bar}m`",
                f"works from `-Xmx{least}m` on" if least else f"fails with `-Xmx{8 * bar}m` too",
                reached="yes" if least and least <= bar else "**no**"))
        bench.scratch.fresh(base.name)
    return lines


class Trial:
    """Tries how much heap a merge needs; each success makes the archive a little larger."""

    def __init__(self, bench, base):
        self.bench = bench
        self.base = base
        self.archive = base / "ar0.zip"
        self.first = members.entries(self.archive)

    def least(self, strategy, bar, step):
        """The smallest heap that will do, by halving; None when 8 times the bar does not."""
        low, high = 0, bar
        while not self.passes(strategy, high):
            low, high = high, 2 * high
            if high > 8 * bar:
                return None
        while high - low > step:
            middle = (low + high) // 2
            low, high = (low, middle) if self.passes(strategy, middle) else (middle, high)
        return high

    def passes(self, strategy, megabytes):
        if not any((self.base / ".sheaf" / "inbox" / "ar0.zip").glob("*.zip")):
            self.bench.warm.ask("fill", self.base, "ar0.zip", self.first, NEW, OLD_SIZE)
            self.first += NEW
        try:
            taken = self.bench.sheaf.recover(self.base, strategy, heap=megabytes, timeout=120)
            passed = members.entries(self.archive) == self.first
            told = f"{'works' if passed else 'merges nothing'}, {taken:.2f} s"
        except (RuntimeError, subprocess.TimeoutExpired) as problem:
            passed, told = False, f"fails: {str(problem).splitlines()[-1][-100:]}"
        say(f"heap: {self.first:,} entries, {strategy}, -Xmx{megabytes}m: {told}")
        return passed
