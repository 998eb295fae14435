"""What all rows share: where they work, what they run, how often."""

import functools
import subprocess
import time

from . import members
from .scratch import say
from .sheaf import make_own
from .table import Bar, Line, pairs, seconds

CAT = """
set -e
for inbox in "$1"/.sheaf/inbox/*.zip; do
  out=$1/$(basename "$inbox").cat
  cat "$inbox"/*.zip > "$out"
  sync "$out"
done
"""

REAR = "rear"


class Bench:
    """The means of a row. `rear` is None when no checkout of the peer was given."""

    def __init__(self, scratch, sheaf, warm, rear, runs):
        self.scratch = scratch
        self.sheaf = sheaf
        self._start_warm = warm
        self.rear = rear
        self.runs = runs

    @functools.cached_property
    def warm(self):
        return self._start_warm()

    def end_warm(self):
        """Ends the warm process, if there is one; the next use starts another."""
        if "warm" in self.__dict__:
            self.warm.close()
            del self.warm

    def turns(self, label, warm_up=0):
        """Counts turns: 0 and below are not to be counted."""
        for turn in range(1 - warm_up, self.runs + 1):
            self.label = f"{label}: turn {turn}" + (" (not counted)" if turn < 1 else "")
            yield turn

    def told(self, **figures):
        shown = "  ".join(f"{k.replace('_', ' ')} {v:.3f} s" for k, v in figures.items() if v)
        say(f"{self.label}  {shown}")

    def plain_inbox(self, name, **options):
        """An inbox as the peer has it, made once; a directory with `inbox` in it."""
        base = self.scratch.root / name
        if not base.exists():
            members.write_inbox(base / "inbox", **options)
        return base

    def batches(self, plain, name, per_archive, compression="stored"):
        """The same members as closed batches, made once."""
        base = self.scratch.root / name
        if not base.exists():
            self.warm.ask("batches", plain / "inbox", base, per_archive, compression)
        return base

    def copy_base(self, source, name):
        return make_own(self.scratch.copy(source, name))

    def cat(self, base):
        """Seconds that cat takes for all batches of a base, an archive a file, each synced."""
        start = time.perf_counter()
        subprocess.run(["sh", "-c", CAT, "sh", base], check=True)
        taken = time.perf_counter() - start
        for copy in base.glob("*.cat"):
            copy.unlink()
        return taken

    def rear_merge(self, plain):
        """Seconds of the peer for a copy of an inbox; None without the peer."""
        if self.rear is None:
            return None
        return self.rear.merge(self.scratch.copy(plain, REAR))

    def same_as_rear(self, base):
        """Both must have made the same archives of the same members."""
        if self.rear is not None:
            peer = members.contents(self.scratch.root / REAR)
            if peer != members.contents(base):
                raise RuntimeError(f"{base} and rear's archives differ")

    def against_rear(self, work, ours, theirs, must=None, aim=None):
        if self.rear is None:
            return Line(work, "rear: not given", seconds(ours), bar=Bar(must, aim))
        return Line(work, f"rear {seconds(theirs)}", seconds(ours), pairs(ours, theirs),
                    Bar(must, aim))
