"""Directories to measure in: made, copied with their bytes, and removed at the end."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def say(text):
    print(text, file=sys.stderr, flush=True)


class Skipped(Exception):
    """A row that cannot be measured here, and why."""


class Scratch:
    """A directory of one's own in the one that is to be measured."""

    def __init__(self, parent):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="sheaf-bench-", dir=parent))

    def fresh(self, name):
        """The path, with nothing there."""
        path = self.root / name
        if path.exists():
            shutil.rmtree(path)
        return path

    def copy(self, source, name):
        """A copy that shares no blocks with its source, written back to the disk."""
        target = self.fresh(name)
        subprocess.run(["cp", "-a", "--reflink=never", source, target], check=True)
        os.sync()
        return target

    def require(self, gigabytes):
        free = shutil.disk_usage(self.root).free / 1e9
        if free < gigabytes:
            raise Skipped(f"needs {gigabytes} GB in {self.root.parent}, {free:.0f} are free")

    def close(self):
        shutil.rmtree(self.root, ignore_errors=True)
