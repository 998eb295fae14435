#!/usr/bin/env python3
"""Measures Sheaf as a whole process. Only the standard library is needed.

    docs/bench/bench.py startup            short commands as whole processes, and a JVM that does nothing
    docs/bench/bench.py idle               memory of an idle worker and coordinator
    docs/bench/bench.py deposit [--dir D]  deposits a second, and files a second without Sheaf
"""

import argparse
import contextlib
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SHEAF = str(HERE.parent.parent / "sheaf")
RUNS = 5


def child_cpu():
    times = os.times()
    return times.children_user + times.children_system


def median_seconds(command, runs=20):
    """Of whole processes: median and best time, and the median of the processors' time."""
    times, cpu = [], []
    for _ in range(runs + 1):
        start, used = time.perf_counter(), child_cpu()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
        cpu.append(child_cpu() - used)
    # The first one warms the page cache.
    return statistics.median(times[1:]), min(times[1:]), statistics.median(cpu[1:])


def startup(args):
    """Deposits of a small file, as whole processes, with a worker that waits for them."""
    with contextlib.closing(Session(args.dir, coordinator=False)) as session:
        os.environ["SHEAF_SOCKET"] = session.socket
        small = session.directory / "small"
        small.write_text("a small file\n")
        log = f"{SHEAF} append a.zip/log <{small}"
        commands = [("sheaf put FILE TARGET", [SHEAF, "put", str(small), "a.zip/put"]),
                    ("sheaf put with an option",
                     [SHEAF, "put", "--durability", "write", str(small), "a.zip/put"]),
                    ("sheaf append TARGET", ["sh", "-c", log]),
                    ("sheaf exec --stdout T -- true",
                     [SHEAF, "exec", "--stdout", "a.zip/out", "--", "true"]),
                    ("sheaf --version", [SHEAF, "--version"]),
                    ("sheaf put --help", [SHEAF, "put", "--help"]),
                    ("java -version", ["java", "-Xshare:auto", "-version"])]
        for name, command in commands:
            quiet = ["sh", "-c", 'exec "$@" 2>/dev/null', "sh"] + command
            median, best, cpu = median_seconds(quiet)
            print(f"{name:30} median {median * 1000:6.1f} ms  best {best * 1000:6.1f} ms"
                  f"  processors {cpu * 1000:6.1f} ms", flush=True)


class Session:
    """A server, a worker and, if asked for, a coordinator, in a directory of their own."""

    def __init__(self, directory, coordinator):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sheaf-bench-", dir=directory))
        self.base = self.directory / "base"
        self.base.mkdir()
        self.sockets = pathlib.Path(tempfile.mkdtemp(prefix="sheaf-bench-"))
        self.socket = str(self.sockets / "w.sock")
        self.processes = {}
        servers = self.start("zookeeper", "--data", str(self.directory / "zk"), "--port", "0")
        self.servers = self.wait_for(servers, "127.0.0.1:")
        member = ["-N", "bench", "-r", str(self.base), "--servers", self.servers]
        if coordinator:
            self.wait_for(self.start("coordinator", *member), "serves")
        self.wait_for(self.start("worker", *member, "--socket", self.socket), "takes deposits")

    def start(self, name, *arguments):
        log = self.directory / (name + ".log")
        with open(log, "wb") as out:
            self.processes[name] = subprocess.Popen(
                [SHEAF, name, *arguments], stdout=out, stderr=subprocess.STDOUT)
        return log

    @staticmethod
    def wait_for(log, text):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for line in log.read_text().splitlines():
                if text in line:
                    return line.strip()
            time.sleep(0.05)
        raise SystemExit(f"{log}: no '{text}' within a minute:\n{log.read_text()}")

    def memory(self, name):
        status = pathlib.Path(f"/proc/{self.processes[name].pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def close(self):
        for process in reversed(list(self.processes.values())):
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        shutil.rmtree(self.directory, ignore_errors=True)
        shutil.rmtree(self.sockets, ignore_errors=True)


def idle(args):
    with contextlib.closing(Session(args.dir, coordinator=True)) as session:
        time.sleep(args.seconds)
        for name in ("worker", "coordinator", "zookeeper"):
            print(f"{name:12} {session.memory(name):6.1f} MiB resident after {args.seconds:.0f} s idle")


def plain_files(directory, count, size):
    """The same files as files: what the filesystem of this machine does without Sheaf."""
    target = pathlib.Path(tempfile.mkdtemp(prefix="sheaf-bench-files-", dir=directory))
    body = os.urandom(size)
    start = time.perf_counter()
    for i in range(count):
        if i % 1000 == 0:
            os.mkdir(f"{target}/{i // 1000}")
        with open(f"{target}/{i // 1000}/{i}", "wb", buffering=0) as out:
            out.write(body)
    rate = count / (time.perf_counter() - start)
    shutil.rmtree(target)
    return rate


def deposit(args):
    with contextlib.closing(Session(args.dir, coordinator=False)) as session:
        for durability in ("write", "fsync"):
            for size in (4096, 200):
                rates, files = [], []
                for run in range(RUNS + 1):
                    out = subprocess.run(
                        [sys.executable, str(HERE / "deposit.py"), "--socket", session.socket,
                         "--files", str(args.files), "--size", str(size), "--archives", "10",
                         "--window", "64", "--durability", durability, "--prefix",
                         f"{durability}-{size}-{run}"],
                        check=True, stdout=subprocess.PIPE, text=True).stdout
                    rates.append(float(re.search(r"([\d,]+)/s,", out).group(1).replace(",", "")))
                    files.append(plain_files(args.dir, args.files // 40, size))
                # The first run warms the worker's JVM and is told apart.
                median, plain = statistics.median(rates[1:]), statistics.median(files[1:])
                print(f"{size:5} B, {durability:5}: {median:9,.0f} deposits/s"
                      f" (first run {rates[0]:,.0f}, best {max(rates[1:]):,.0f});"
                      f" as plain files {plain:,.0f}/s; ratio {median / plain:.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["startup", "idle", "deposit"])
    parser.add_argument("--dir", help="where the base directory is made")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=20)
    args = parser.parse_args()
    {"startup": startup, "idle": idle, "deposit": deposit}[args.what](args)


if __name__ == "__main__":
    main()
