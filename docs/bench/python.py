#!/usr/bin/env python3
"""Measures the Python client: deposits beside rear, appends beside offlog, in turns.

    docs/bench/python.py [--dir D] [--rear CHECKOUT] [--offlog CHECKOUT] [--turns 5] [ROW ...]

A checkout is a clone of Contextualist/rear (which needs trio) or chrisjbillington/offlog. Without
one, only Sheaf is measured. In each turn of a row both run once, each in a process of its own; ratios
are those of a turn. Rates are of all the work, with the wait for the last answer.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import bench

HERE = pathlib.Path(__file__).resolve().parent
CLIENT = HERE.parent.parent / "worker" / "clients" / "python"
FILES = int(os.environ.get("FILES", "100000"))
WRITES = int(os.environ.get("WRITES", "500000"))
LINE = b"x" * 99 + b"\n"


# ---- what is measured; each runs in a process of its own


def rate(count, work):
    start = time.perf_counter()
    work()
    return {"rate": count / (time.perf_counter() - start)}


def names(prefix):
    return [f"{prefix}-{i % 10}.zip/{os.getpid()}/{i}" for i in range(FILES)]


def sheaf_batch(size):
    import sheaf

    data, targets = os.urandom(size), names("batch")

    def work():
        with sheaf.batch() as batch:
            for target in targets:
                batch.put(target, data)

    return rate(FILES, work)


def sheaf_rear(size, base):
    import sheaf

    data, targets = os.urandom(size), names("rear")

    def work():
        with sheaf.rear_fs(base):
            for target in targets:
                with sheaf.rear_open(target, "w+b") as file:
                    file.write(data)

    return rate(FILES, work)


def rear(size, checkout, directory):
    sys.path.insert(0, checkout)
    import trio
    from rear.rear import rear_fs

    data, targets = os.urandom(size), names("rear")

    async def work():
        async with rear_fs(directory):
            for target in targets:
                with rear_open(target, "w+b") as file:  # noqa: F821
                    file.write(data)

    return rate(FILES, lambda: trio.run(work))


def appends(open_log, count=WRITES):
    """Half for the rate, half for the time of each write."""
    log = open_log()
    write = log.write
    start = time.perf_counter()
    for _ in range(count):
        write(LINE)
    written = time.perf_counter() - start
    log.close()
    seconds = time.perf_counter() - start
    log = open_log()
    write = log.write
    clock = time.perf_counter_ns
    times = []
    for _ in range(count // 2):
        begin = clock()
        write(LINE)
        times.append(clock() - begin)
    log.close()
    times.sort()
    return {
        "rate": count / seconds,
        "writes": count / written,
        "p50": times[len(times) // 2] / 1000,
        "p99": times[len(times) * 99 // 100] / 1000,
    }


def sheaf_log(buffering):
    import sheaf

    return appends(lambda: sheaf.open(f"logs.zip/{os.getpid()}.log", "ab", buffering=buffering))


def offlog(checkout, directory, path):
    sys.path.insert(0, checkout)
    from offlog import ProxyFile

    log = os.path.join(directory, f"{os.getpid()}.log")
    return appends(lambda: ProxyFile(log, sock_path=path, timeout=60_000))


# ---- the turns


def one(environment, name, *arguments):
    command = [sys.executable, __file__, "--one", name, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    return json.loads(done.stdout)


def four(environment, name, *arguments):
    """Four clients at once: their rates added up."""
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(one(environment, name, *arguments)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "rate": sum(r["rate"] for r in results),
        "writes": sum(r["writes"] for r in results),
        "p50": statistics.median(r["p50"] for r in results),
        "p99": max(r["p99"] for r in results),
    }


def rows(args, session, scratch, environment):
    """Of each row: its name, what runs for Sheaf, and what for the peer, if that is there."""
    for size in (4096, 200):
        peer = args.rear and (lambda s=size: one(environment, "rear", s, args.rear, fresh(scratch)))
        yield f"batch-{size}", lambda s=size: one(environment, "sheaf_batch", s), peer
        yield f"rear-{size}", lambda s=size: one(environment, "sheaf_rear", s, session.base), peer
    for run, clients in ((one, ""), (four, "-4")):
        peer = args.offlog and (
            lambda r=run: r(environment, "offlog", args.offlog, scratch, scratch / "offlog.sock")
        )
        for buffering in (-1, 65536):
            name = "append" + ("" if buffering < 0 else "-gathered") + clients
            yield name, lambda r=run, b=buffering: r(environment, "sheaf_log", b), peer


def fresh(scratch):
    for old in scratch.glob("rear-*"):
        shutil.rmtree(old)
    return tempfile.mkdtemp(prefix="rear-", dir=scratch)


def measure(args):
    session = bench.Session(args.dir, coordinator=False)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="sheaf-bench-peer-", dir=args.dir))
    environment = dict(os.environ, SHEAF_SOCKET=session.socket)
    environment["PYTHONPATH"] = str(CLIENT)
    peer = None
    try:
        if args.offlog:
            command = [sys.executable, "-m", "offlog", "-s", scratch / "offlog.sock"]
            peer = subprocess.Popen(command, cwd=args.offlog, stdout=subprocess.DEVNULL)
            while not (scratch / "offlog.sock").exists():
                time.sleep(0.05)
        for name, work, other in rows(args, session, scratch, environment):
            if not args.rows or name in args.rows:
                pairs = list(turns(args, scratch, work, other))
                print(told(name, pairs[1:]), flush=True)
    finally:
        if peer:
            peer.terminate()
            peer.wait()
        session.close()
        shutil.rmtree(scratch)


def turns(args, scratch, work, other):
    """The first one warms the worker."""
    for _ in range(args.turns + 1):
        os.sync()
        yield work(), other and other()
        for log in scratch.glob("*.log"):
            log.unlink()


def told(name, pairs):
    def line(each):
        text = f"{statistics.median(r['rate'] for r in each):9,.0f}/s"
        if "p99" in each[0]:
            for what in ("p50", "p99"):
                text += f" {what} {statistics.median(r[what] for r in each):.2f} us"
        return text

    text = f"{name:18} sheaf {line([p[0] for p in pairs])}"
    if pairs[0][1]:
        ratios = sorted(ours["rate"] / peers["rate"] for ours, peers in pairs)
        text += f"   peer {line([p[1] for p in pairs])}   ratio {statistics.median(ratios):.2f}"
        text += f" ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rows", nargs="*", help="such as batch-4096, rear-200, append, append-4")
    parser.add_argument("--dir", help="where the base directory and the peers' files are made")
    parser.add_argument("--rear", type=os.path.abspath)
    parser.add_argument("--offlog", type=os.path.abspath)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--sheaf", default=bench.SHEAF, help="the launcher")
    args = parser.parse_args()
    bench.SHEAF = args.sheaf
    measure(args)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        arguments = [int(a) if a.lstrip("-").isdigit() else a for a in sys.argv[3:]]
        print(json.dumps(globals()[sys.argv[2]](*arguments)))
    else:
        main()
