#!/usr/bin/env python3
"""Deposits many small files with a Sheaf worker, from several processes, and notes each that was
acknowledged.

    sheaf local --base out -- python3 writers.py --processes 8 --files 5000 --archives 10

What a file contains follows from its name, so check.py can tell whether it arrived unharmed.
Only the standard library is needed. With --reconnect a writer whose worker is away goes on trying;
without it, it stops there.
"""
import argparse
import hashlib
import http.client
import multiprocessing
import os
import socket
import sys
import time


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost')
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


def contents(name, size):
    seed = hashlib.sha256(name.encode()).hexdigest().encode() + b'\n'
    return (seed * (size // len(seed) + 1))[:size]


def write(process, options):
    connection = UnixConnection(options.socket)
    failed = 0
    with open(f'{options.acks}.{process}', 'w') as acks:
        for i in range(options.files):
            archive = f'ar{(process + i) % options.archives}.zip'
            name = f'{archive}/{options.prefix}/writer{process}/{i // 1000:03}/file-{i:06}.txt'
            if options.deadline and time.monotonic() > options.deadline:
                break
            if not put(connection, name, contents(name, options.size), options):
                failed += 1
                break
            print(name, options.size, file=acks, flush=True)
            if options.pause:
                time.sleep(options.pause)
    return failed


def leave(name, body, options):
    """Into a spool directory, as in a maildir."""
    path = os.path.join(options.spool, 'new', name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = os.path.join(options.spool, 'tmp', name.replace('/', '_'))
    with open(temporary, 'wb') as out:
        out.write(body)
    os.rename(temporary, path)
    return True


def put(connection, name, body, options):
    if options.spool:
        return leave(name, body, options)
    while True:
        try:
            connection.request('PUT', '/' + name, body=body)
            response = connection.getresponse()
            answer = response.read()
            if response.status == 201:
                return True
            print(f'{name}: {response.status} {answer.decode().strip()}', file=sys.stderr)
            return False
        except (OSError, http.client.HTTPException) as e:
            connection.close()
            if not options.reconnect:
                print(f'{name}: {e!r}', file=sys.stderr)
                return False
            time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--socket', default=os.environ.get('SHEAF_SOCKET'))
    parser.add_argument('--processes', type=int, default=8)
    parser.add_argument('--files', type=int, default=5000, help='a process')
    parser.add_argument('--size', type=int, default=4096)
    parser.add_argument('--archives', type=int, default=10)
    parser.add_argument('--prefix', default='run')
    parser.add_argument('--acks', default='acks', help='files that list what was acknowledged')
    parser.add_argument('--seconds', type=float, help='stop after so long')
    parser.add_argument('--pause', type=float, default=0, help='seconds between two deposits')
    parser.add_argument('--reconnect', action='store_true')
    parser.add_argument('--spool', help='a spool directory, in place of the socket')
    options = parser.parse_args()
    if not options.socket and not options.spool:
        parser.error('no --socket and no SHEAF_SOCKET')
    # On a test system one machine may be several nodes, each with its own worker.
    node = os.environ.get('SLURMD_NODENAME', socket.gethostname())
    options.socket = (options.socket or '') % {'node': node, 'uid': os.getuid()}
    options.deadline = options.seconds and time.monotonic() + options.seconds
    with multiprocessing.Pool(options.processes) as pool:
        failed = sum(pool.starmap(write, [(p, options) for p in range(options.processes)]))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
