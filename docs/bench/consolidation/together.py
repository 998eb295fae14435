"""Two coordinators against one, each on a core of its own, and two `cat` against one."""

import concurrent.futures
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from . import members
from .scratch import Scratch, Skipped, say
from .table import Bar, Line, pairs, seconds

ARCHIVES, EACH, SIZE = 20, 20_000, 4096
WORK = f"{ARCHIVES} archives, {ARCHIVES * EACH:,} × 4 KiB"
WAIT = 60
MEMORY = pathlib.Path("/dev/shm")

# What the disk and the cores allow: as many bytes are written and removed, and that is all.
CAT = 'for inbox; do out=$inbox.cat; cat "$inbox"/*.zip > "$out"; sync "$out"; rm "$out"; done'


def require_two_cores():
    if not {0, 1} <= os.sched_getaffinity(0):
        raise Skipped("needs the cores 0 and 1")


def fill(bench, base, prefix=""):
    for a in range(ARCHIVES):
        bench.warm.ask("fill", base, f"{prefix}ar{a}.zip", 0, EACH, SIZE)
    os.sync()


def two_recovers(bench):
    """20 archives by two `sheaf recover` at once on one base, each on one core, against one"""
    require_two_cores()
    bench.scratch.require(8)
    source = bench.scratch.root / "twenty.sheaf"
    if not source.exists():
        fill(bench, source)
    one, two = [], []
    for _ in bench.turns("two-recovers"):
        one.append(at_once(bench, bench.copy_base(source, "base"), [0]))
        base = bench.copy_base(source, "base")
        two.append(at_once(bench, base, [0, 1]))
        bench.told(one=one[-1], two=two[-1])
        check(base.glob("*.zip"))
    bench.sheaf.verify(base)
    return [Line(f"{WORK}, two cold `sheaf recover`, each on one core", f"one: {seconds(one)}",
                 seconds(two), pairs(one, two), Bar(None, at_least=True))]


def check(archives):
    if sum(members.entries(archive) for archive in archives) != ARCHIVES * EACH:
        raise RuntimeError("not all entries were merged, or some twice")


def at_once(bench, base, cpus):
    """Seconds until all of several processes, each on a core, have ended."""

    def recover(cpu):
        # 3: the other process had an archive.
        status = subprocess.run(bench.sheaf.command("recover", "-r", base, cpu=cpu),
                                env=bench.sheaf.env(), stdout=subprocess.DEVNULL).returncode
        if status not in (0, 3):
            raise RuntimeError(f"recover ended with {status}")

    begun = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(recover, cpus))
    return time.perf_counter() - begun


def coordinators(bench):
    """20 archives by two coordinators with ZooKeeper, each on one core, against one"""
    require_two_cores()
    lines = measure(bench, bench.scratch, "", Bar(None))
    if MEMORY.is_mount() and MEMORY not in bench.scratch.root.parents:
        # A disk that two cat do not write faster than one says nothing about two coordinators.
        memory = Scratch(MEMORY)
        try:
            lines += measure(bench, memory, ", in memory", Bar(1.6, 1.9, at_least=True))
        finally:
            memory.close()
    return lines


def measure(bench, scratch, where, bar):
    scratch.require(8)
    taken = {"one": [], "two": [], "one cat": [], "two cat": []}
    with Live(bench, scratch) as live:
        sessions = {"one": [0], "two": [0, 1]}
        for session, cpus in sessions.items():
            live.session(session, cpus)
        for turn in bench.turns(f"two-coordinators{where}", warm_up=12):
            now = {}
            # What the machine does with memory that was just freed is not always the same one's.
            for session, cpus in sorted(sessions.items(), reverse=turn % 2 == 0):
                stage = live.stage(turn)
                now[f"{session} cat"] = cats(stage, cpus)
                now[session] = live.merge(session, stage)
            bench.told(**now)
            if turn > 0:
                for what, seconds_taken in now.items():
                    taken[what].append(seconds_taken)
    return [Line(f"{WORK}, two `cat`, each on one core{where}",
                 f"one: {seconds(taken['one cat'])}", seconds(taken["two cat"]),
                 pairs(taken["one cat"], taken["two cat"])),
            Line(f"{WORK}, two coordinators, each on one core{where}",
                 f"one: {seconds(taken['one'])}", seconds(taken["two"]),
                 pairs(taken["one"], taken["two"]), bar)]


def cats(stage, cpus):
    """Seconds that one cat a core takes for the batches of a base, divided among them."""
    inboxes = sorted((stage / ".sheaf" / "inbox").iterdir())
    begun = time.perf_counter()
    running = [subprocess.Popen(["taskset", "-c", str(cpu), "sh", "-c", CAT, "sh",
                                 *inboxes[n::len(cpus)]])
               for n, cpu in enumerate(cpus)]
    failed = [cat.args for cat in running if cat.wait() != 0]
    taken = time.perf_counter() - begun
    if failed:
        raise RuntimeError(f"cat failed: {failed}")
    return taken


class Live:
    """A ZooKeeper server and coordinators of one session or more, as processes."""

    def __init__(self, bench, scratch):
        self.bench = bench
        self.scratch = scratch
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="live-", dir=scratch.root))
        self.started = []
        # ZooKeeper and what publishes take the same cores from one coordinator as from two: such
        # as have none, or else the first.
        others = os.sched_getaffinity(0) - {0, 1} or {0}
        cpus = ",".join(map(str, sorted(others)))
        subprocess.run(["taskset", "-a", "-c", "-p", cpus, str(bench.warm.process.pid)],
                       check=True, stdout=subprocess.DEVNULL)
        server = self.start("zookeeper", "--data", self.directory / "zk", "--port", "0", cpu=cpus)
        self.servers = self.wait_for(server, "127.0.0.1:")

    def start(self, *arguments, cpu=None):
        log = self.directory / f"{len(self.started)}-{arguments[0]}.log"
        with open(log, "wb") as out:
            self.started.append(subprocess.Popen(
                self.bench.sheaf.command(*arguments, cpu=cpu), env=self.bench.sheaf.env(),
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT))
        return log

    @staticmethod
    def wait_for(log, text):
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            for line in log.read_text().splitlines():
                if text in line:
                    return line.strip()
            time.sleep(0.05)
        raise RuntimeError(f"{log}: no '{text}' within {WAIT} s: {log.read_text()[-300:]}")

    def session(self, name, cpus):
        base = self.directory / name
        base.mkdir()
        for cpu in cpus:
            log = self.start("coordinator", "-N", name, "-r", base, "--servers", self.servers,
                             cpu=cpu)
            self.wait_for(log, "serves")

    def stage(self, turn):
        """New batches, written back, that no session knows of yet."""
        stage = self.scratch.fresh("stage")
        fill(self.bench, stage, f"turn{turn}-")
        return stage

    def merge(self, session, stage):
        """Seconds for staged batches, from their publication until nothing is pending."""
        base = self.directory / session
        taken = float(self.bench.warm.ask("live", stage, base, self.servers, session)[0])
        made = list(base.glob("*.zip"))
        check(made)
        for archive in made:
            archive.unlink()
            # An archive that is gone must be gone for its ledger too.
            (base / ".sheaf" / "ledger" / f"{archive.name}.json").unlink()
        return taken

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            process.send_signal(signal.SIGTERM)
        for process in reversed(self.started):
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                say(f"{process.args} did not end")
                process.kill()
                process.wait()
