"""Two coordinators against one, each on a core of its own."""

import concurrent.futures
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from . import members
from .scratch import Skipped, say
from .table import Bar, Line, pairs, seconds

ARCHIVES, EACH, SIZE = 20, 10_000, 4096
WORK = f"{ARCHIVES} archives, {ARCHIVES * EACH:,} × 4 KiB"
WAIT = 60


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
    bench.scratch.require(4)
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
    bench.scratch.require(6)
    one, two = [], []
    with Live(bench) as live:
        sessions = {"one": [0], "two": [0, 1]}
        for session, cpus in sessions.items():
            live.session(session, cpus)
        for turn in bench.turns("two-coordinators", warm_up=3):
            taken = {session: live.merge(session, turn) for session in sessions}
            bench.told(**taken)
            if turn > 0:
                one.append(taken["one"])
                two.append(taken["two"])
    return [Line(f"{WORK}, two coordinators, each on one core", f"one: {seconds(one)}",
                 seconds(two), pairs(one, two), Bar(1.6, 1.9, at_least=True))]


class Live:
    """A ZooKeeper server and coordinators of one session or more, as processes."""

    def __init__(self, bench):
        self.bench = bench
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="live-", dir=bench.scratch.root))
        self.started = []
        server = self.start("zookeeper", "--data", self.directory / "zk", "--port", "0")
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

    def merge(self, session, turn):
        """Seconds for new archives, from their publication until nothing is pending."""
        base = self.directory / session
        stage = self.bench.scratch.fresh("stage")
        fill(self.bench, stage, f"turn{turn}-")
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
