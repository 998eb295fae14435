"""The peer: rear's scavenger, from a checkout that the user gives."""

import pathlib
import resource
import subprocess
import sys
import time

REPOSITORY = "https://github.com/Contextualist/rear"


class Rear:
    """Runs its scavenger as a script: without the package's start, which imports more."""

    def __init__(self, checkout, python=None):
        root = pathlib.Path(checkout)
        self.script = root / "rear" / "scavenger.py"
        if not self.script.is_file():
            raise SystemExit(f"--rear {root}: no rear/scavenger.py there; clone {REPOSITORY}")
        own = root / ".venv" / "bin" / "python"
        self.python = python or (str(own) if own.exists() else sys.executable)
        probe = subprocess.run([self.python, "-c", "import filelock"], stderr=subprocess.DEVNULL)
        if probe.returncode != 0:
            raise SystemExit(
                f"{self.python} has no filelock, which rear needs:"
                f" python3 -m venv {root}/.venv && {root}/.venv/bin/pip install filelock")

    def merge(self, base, open_files=None):
        """Seconds that one whole process takes to merge BASE/inbox."""
        result, seconds = self._run(base, open_files)
        if result.returncode != 0:
            raise RuntimeError(f"rear failed: {result.stderr.strip().splitlines()[-1]}")
        return seconds

    def failure(self, base, open_files):
        """What it says in the end when it may open only so many files; None when it succeeds."""
        result, _ = self._run(base, open_files)
        return None if result.returncode == 0 else result.stderr.strip().splitlines()[-1]

    def _run(self, base, open_files):
        command = [self.python, str(self.script), "-d", str(base), "--flush"]
        limit = None
        if open_files:
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, hard))
        start = time.perf_counter()
        result = subprocess.run(
            command, preexec_fn=limit, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        return result, time.perf_counter() - start
