"""`commit=replace` on XFS with shared blocks: what a merge into 2 GiB writes to the device."""

import os
import pathlib
import re
import shutil
import subprocess
import time

from . import members
from .scratch import Skipped
from .sheaf import Sheaf, java_of
from .table import Line

ENTRIES, SIZE, NEW = 2048, 1 << 20, 1000
IMAGE_BYTES = 12 << 30
SECTOR = 512


def reflink(bench):
    """XFS with reflinks on a loop device: `replace` on 2 GiB copies no data"""
    if os.geteuid() != 0:
        raise Skipped("needs root, to mount a loop device")
    for tool in ("mkfs.xfs", "losetup", "mount", "filefrag"):
        if shutil.which(tool) is None:
            raise Skipped(f"needs {tool} (Debian: xfsprogs, mount, e2fsprogs)")
    bench.scratch.require(9)
    with Xfs(bench) as xfs:
        base = xfs.root / "base"
        for first in range(0, ENTRIES, ENTRIES // 2):
            bench.warm.ask("fill", base, "ar0.zip", first, ENTRIES // 2, SIZE)
        bench.warm.merge(base, "replace", entries=ENTRIES)
        # With the JDK of the other rows first, so that the last line tells what it saves.
        lines = [merge(bench, xfs, base, ENTRIES, bench.sheaf)]
        other = java_of(17)
        if other and bench.sheaf.feature != 17:
            lines.append(merge(bench, xfs, base, ENTRIES + NEW, Sheaf(other)))
    return lines


def merge(bench, xfs, base, first, sheaf):
    archive = base / "ar0.zip"
    bench.warm.ask("fill", base, "ar0.zip", first, NEW, 4096)
    os.sync()
    before, old = xfs.written(), extents(archive)
    used = xfs.used()
    start = time.perf_counter()
    sheaf.recover(base, "replace")
    taken = time.perf_counter() - start
    os.sync()
    written = xfs.written() - before
    kept = shared(old, extents(archive))
    size = archive.stat().st_size
    if members.entries(archive) != first + NEW:
        raise RuntimeError("not all entries were merged")
    proof = (f"{written / 1e6:,.0f} MB written to the device,"
             f" {kept / size:.1%} of the archive in the blocks where it was,"
             f" {(xfs.used() - used) / 1e6:+,.0f} MB used, {taken:.2f} s")
    copies = "yes" if written < size / 20 and kept > size * 0.95 else "**no**"
    expected = sheaf.feature >= 25
    return Line(f"`replace` on {size / (1 << 30):.2f} GiB, XFS with reflinks, JDK {sheaf.feature}",
                f"{NEW * 4096 / 1e6:.0f} MB of new entries", proof,
                reached=copies if expected else "(copies)")


def extents(file):
    """The physical ranges of a file, in bytes."""
    listed = subprocess.run(["filefrag", "-b1", "-v", file], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    rows = re.findall(r"^ *\d+: +\d+\.\. *\d+: +(\d+)\.\. *(\d+):", listed, re.MULTILINE)
    return [(int(first), int(last) + 1) for first, last in rows]


def shared(old, new):
    """Bytes of the new ranges that lie in the old ones."""
    return sum(max(0, min(b, d) - max(a, c)) for a, b in new for c, d in old)


class Xfs:
    """A filesystem of its own in an image file."""

    def __init__(self, bench):
        self.image = bench.scratch.root / "xfs.image"
        self.root = bench.scratch.root / "xfs"
        self.device = None

    def __enter__(self):
        with open(self.image, "wb") as image:
            image.truncate(IMAGE_BYTES)
        self.root.mkdir(exist_ok=True)
        subprocess.run(["mkfs.xfs", "-q", "-f", "-m", "reflink=1", self.image], check=True)
        self.device = subprocess.run(["losetup", "--find", "--show", self.image], check=True,
                                     stdout=subprocess.PIPE, text=True).stdout.strip()
        try:
            subprocess.run(["mount", self.device, self.root], check=True)
        except subprocess.CalledProcessError:
            self._detach()
            raise Skipped("XFS cannot be mounted here")
        return self

    def written(self):
        """Bytes written to the device so far."""
        stat = pathlib.Path("/sys/block", os.path.basename(self.device), "stat").read_text()
        return int(stat.split()[6]) * SECTOR

    def used(self):
        return shutil.disk_usage(self.root).used

    def __exit__(self, *_):
        subprocess.run(["umount", self.root], check=True)
        self._detach()

    def _detach(self):
        subprocess.run(["losetup", "--detach", self.device], check=True)
        self.image.unlink()
