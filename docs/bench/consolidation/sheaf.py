"""Sheaf itself: the built checkout, cold processes, and one process that stays warm."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import uuid

from .scratch import say

HOME = pathlib.Path(__file__).resolve().parents[3]
LAUNCHER = str(HOME / "sheaf")

# As the launcher starts a coordinator.
LONG_RUNNING = ["-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xms16m", "-Xss512k"]


def feature(java_home):
    """The first number of a JDK's version; 0 where there is none."""
    try:
        text = (pathlib.Path(java_home) / "release").read_text()
    except OSError:
        return 0
    found = re.search(r'^JAVA_VERSION="?(\d+)', text, re.MULTILINE)
    return int(found.group(1)) if found else 0


def newest_java():
    """What the launcher would take."""
    if os.environ.get("SHEAF_JAVA_HOME"):
        return os.environ["SHEAF_JAVA_HOME"]
    homes = [os.environ.get("JAVA_HOME", ""), *map(str, pathlib.Path("/usr/lib/jvm").glob("*"))]
    on_path = shutil.which("java")
    if on_path:
        homes.append(str(pathlib.Path(on_path).resolve().parents[1]))
    return max(homes, key=feature)


def java_of(wanted):
    """The home of an installed JDK of that feature version; None without one."""
    for home in sorted(pathlib.Path("/usr/lib/jvm").glob("*")):
        if not home.is_symlink() and feature(home) == wanted and (home / "bin" / "java").exists():
            return str(home)
    return None


def build():
    """Compiles the program and its tests, where the warm process is."""
    say("building")
    command = ["mvn", "-q", "-B", "-DskipTests", "-pl", "coordinator", "-am", "package"]
    if subprocess.run([*command, "-o"], cwd=HOME, stdin=subprocess.DEVNULL,
                      stdout=subprocess.DEVNULL).returncode != 0:
        subprocess.run(command, cwd=HOME, stdin=subprocess.DEVNULL, check=True)


def make_own(base):
    """Gives a copy of a base directory an id of its own, so that nobody takes it for the other."""
    (base / ".sheaf" / "base.json").write_text(json.dumps({"version": 1, "id": str(uuid.uuid4())}))
    return base


class Sheaf:
    """Commands of the launcher, with one JDK."""

    def __init__(self, java_home):
        self.java_home = java_home
        self.feature = feature(java_home)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("SHEAF_")}
        self.environment["SHEAF_JAVA_HOME"] = java_home
        # The first start after a build makes the archive of loaded classes.
        self.run("--version")

    def command(self, *arguments, cpu=None):
        pin = [] if cpu is None else ["taskset", "-c", str(cpu)]
        return [*pin, LAUNCHER, *map(str, arguments)]

    def env(self, heap=None):
        return {**self.environment, **({"SHEAF_JAVA_OPTS": f"-Xmx{heap}m"} if heap else {})}

    def run(self, *arguments, heap=None, timeout=600):
        """Seconds that a whole process takes; it must end with 0."""
        start = time.perf_counter()
        result = subprocess.run(
            self.command(*arguments), env=self.env(heap), timeout=timeout,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        seconds = time.perf_counter() - start
        if result.returncode != 0:
            raise RuntimeError(
                f"sheaf {' '.join(map(str, arguments))} ended with {result.returncode}:"
                f" {result.stdout.strip()[-300:]}")
        return seconds

    def recover(self, base, commit="auto", heap=None, timeout=600):
        """Merges everything that is pending, in a process of its own; seconds."""
        return self.run("recover", "-r", base, "--commit", commit, heap=heap, timeout=timeout)

    def verify(self, base):
        self.run("verify", "-r", base)


class Warm:
    """A process of io.sheaf.bench.BenchMain."""

    def __init__(self, java_home, *options):
        target = HOME / "coordinator" / "target"
        self.process = subprocess.Popen(
            [f"{java_home}/bin/java", *LONG_RUNNING, *options,
             "-cp", f"{target}/test-classes:{target}/sheaf.jar", "io.sheaf.bench.BenchMain"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        """The words of its answer."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer or answer[0] != "ok":
            self.process.wait(10)
            raise RuntimeError(f"{' '.join(map(str, words))} failed: see above")
        return answer[1:]

    def merge(self, base, strategy="auto", threads=4, entries=None):
        """Seconds; checks that so many entries were merged."""
        seconds, merged = self.ask("merge", base, strategy, threads)
        if entries is not None and int(merged) != entries:
            raise RuntimeError(f"{merged} entries were merged, not {entries}")
        return float(seconds)

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
