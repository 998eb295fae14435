#!/usr/bin/env python3
"""Measures appends of short lines by Python programs: to a worker, and to offlog beside it.

    docs/bench/append.py --socket S [--client sheaf.py] [--offlog CHECKOUT --dir DIR]
                         [--lines N] [--clients N] [--rounds N]

Each write is one call with one line of 100 bytes. Both clients send each write at once, with one system call, offlog to
a socket and sheaf.py to a pipe, as long as there is room. The rate is that of the writes; until all of it is in files takes longer, and is printed too.
In each round everything that is compared runs once. A worker can be started with 'sheaf local --base DIR -- sleep 1d'.
"""
import argparse
import importlib.util
import os
import socket
import statistics
import subprocess
import sys
import time
import traceback

LINE = b"x" * 99 + b"\n"
SAMPLE = 20000


class Writer:
    """The least that a client must do: a chunk for each write, and a wait when the socket is full."""

    def __init__(self, path, target):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
        head = "POST /%s?append HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.sock.sendall((head % target).encode())
        self.send = self.sock.sendall

    def write(self, data):
        self.send(b"%x\r\n%b\r\n" % (len(data), data))

    def close(self):
        self.send(b"0\r\n\r\n")
        read = b""
        while b"HTTP/1.1 201" not in read:
            piece = self.sock.recv(65536)
            if not piece:
                sys.exit("the worker closed the connection: %r" % read[-300:])
            read += piece


def sheaf_writer(args, name):
    if not args.client:
        return Writer(args.socket, "bench.zip/" + name)
    spec = importlib.util.spec_from_file_location("sheaf", args.client)
    sheaf = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sheaf)
    return sheaf.AppendStream("bench.zip/" + name, client=sheaf.Client(args.socket))


def offlog_writer(args, name):
    sys.path.insert(0, args.offlog)
    from offlog.client import ProxyFile

    return ProxyFile(os.path.join(args.dir, name), sock_path=os.path.join(args.dir, "offlog.sock"))


def client(make, args, name, pipe):
    """In a process of its own: tells its rate, the times of some writes, and how long the end takes."""
    writer = make(args, name)
    write, line, clock = writer.write, LINE, time.perf_counter
    start = clock()
    for _ in range(args.lines):
        write(line)
    rate = args.lines / (clock() - start)
    times = []
    for _ in range(SAMPLE):
        before = clock()
        write(line)
        times.append(clock() - before)
    writer.close()
    whole = clock() - start
    times.sort()
    os.write(pipe, b"%f %f %f %f\n" % (
        rate, times[SAMPLE // 2] * 1e6, times[SAMPLE * 99 // 100] * 1e6, whole))


def run(make, args, clients, label):
    out, into = os.pipe()
    children = []
    for i in range(clients):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                client(make, args, "%s-%d-%d" % (label, os.getpid(), i), into)
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)
        children.append(child)
    os.close(into)
    if any(os.waitpid(child, 0)[1] for child in children):
        sys.exit("a client failed")
    with os.fdopen(out) as lines:
        return [tuple(map(float, line.split())) for line in lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--socket", required=True, help="of the worker")
    parser.add_argument("--client", help="sheaf.py; without it the least that a client must do")
    parser.add_argument("--offlog", help="a checkout of github.com/chrisjbillington/offlog")
    parser.add_argument("--dir", default=".", help="for offlog's files")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=4, help="of the second measurement, at once")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    systems = {"sheaf": sheaf_writer}
    server = None
    if args.offlog:
        sock = os.path.join(args.dir, "offlog.sock")
        log = os.path.join(args.dir, "offlog.log")
        server = subprocess.Popen(
            [sys.executable, "-m", "offlog", "-s", sock, "-l", log],
            env=dict(os.environ, PYTHONPATH=args.offlog), stdout=subprocess.DEVNULL)
        deadline = time.time() + 30
        while not os.path.exists(sock) and time.time() < deadline:
            time.sleep(0.05)
        systems["offlog"] = offlog_writer
    results = {}
    try:
        for _ in range(args.rounds):
            for count in sorted({1, args.clients}):
                for name, make in systems.items():
                    found = run(make, args, count, name)
                    results.setdefault((name, count), []).append((
                        sum(f[0] for f in found),
                        statistics.median(f[1] for f in found),
                        statistics.median(f[2] for f in found),
                        max(f[3] for f in found)))
    finally:
        if server:
            server.terminate()
            server.wait()
    print("%-8s %8s %14s %9s %9s %12s" % ("", "clients", "writes/s", "p50 us", "p99 us", "in files s"))
    for (name, count), rounds in sorted(results.items(), key=lambda item: (item[0][1], item[0][0])):
        print("%-8s %8d %14s %9.2f %9.2f %12.2f" % (
            name, count, format(round(statistics.median(r[0] for r in rounds)), ","),
            statistics.median(r[1] for r in rounds), statistics.median(r[2] for r in rounds),
            statistics.median(r[3] for r in rounds)))


if __name__ == "__main__":
    main()
