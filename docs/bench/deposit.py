#!/usr/bin/env python3
"""Deposits files with a worker over its socket, pipelined, and prints how many a second.

    docs/bench/deposit.py --socket "$SHEAF_SOCKET" --files 100000 --size 4096 --archives 10
"""

import argparse
import os
import socket
import time


def requests(args):
    """All requests, each as bytes, made before the clock starts."""
    body = os.urandom(args.size)
    extra = f"X-Sheaf-Durability: {args.durability}\r\n" if args.durability else ""
    tail = f" HTTP/1.1\r\nHost: localhost\r\nContent-Length: {args.size}\r\n{extra}\r\n"
    tail = tail.encode() + body
    return [
        b"PUT /bench-%d.zip/%s/%d" % (i % args.archives, args.prefix.encode(), i) + tail
        for i in range(args.files)
    ]


def answers(data):
    """How many complete answers the bytes hold, and what is left of them."""
    created = data.count(b"HTTP/1.1 201")
    if b"HTTP/1.1 " in data.replace(b"HTTP/1.1 201", b""):
        raise SystemExit("refused: " + data.decode(errors="replace")[-300:])
    cut = data.rfind(b"\r\n\r\n") + 4
    rest = data[cut:] if cut > 3 else data
    return created - rest.count(b"HTTP/1.1 201"), rest


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--socket", default=os.environ.get("SHEAF_SOCKET"))
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--archives", type=int, default=10)
    parser.add_argument("--window", type=int, default=64, help="requests in flight")
    parser.add_argument("--durability", choices=["none", "write", "fsync"])
    parser.add_argument("--prefix", default=str(os.getpid()), help="directory of the entries")
    args = parser.parse_args()

    todo = requests(args)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(args.socket)
    sent = done = 0
    rest = b""
    started = time.perf_counter()
    while done < len(todo):
        free = args.window - (sent - done)
        if free > 0 and sent < len(todo):
            connection.sendall(b"".join(todo[sent : sent + free]))
            sent = min(len(todo), sent + free)
        data = connection.recv(1 << 16)
        if not data:
            raise SystemExit("the worker closed the connection")
        count, rest = answers(rest + data)
        done += count
    seconds = time.perf_counter() - started
    print(
        f"{args.files} files of {args.size} bytes into {args.archives} archives,"
        f" {args.window} in flight: {seconds:.2f} s, {args.files / seconds:,.0f}/s,"
        f" {args.files * args.size / seconds / 1e6:,.0f} MB/s"
    )


if __name__ == "__main__":
    main()
