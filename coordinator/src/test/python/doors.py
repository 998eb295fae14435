#!/usr/bin/env python3
"""Deposits by several of a worker's doors at once, one process each, and notes what each was told.

    doors.py --socket S --acks ACKS --files DIR put:write put:fsync tar pickup

A worker that dies is waited for, and what had no answer is sent again under the same id. A file
that is to be picked up counts as taken too when it is gone. What an entry contains follows from its
name, for check.py. Ends, with all answered, when DIR/stop is there. Only the standard library is
needed.
"""
import argparse
import http.client
import io
import json
import multiprocessing
import os
import sys
import tarfile
import time

from writers import UnixConnection, contents


class Client:
    def __init__(self, path, refused):
        self.connection = UnixConnection(path)
        self.refused = refused

    def send(self, method, target, body, headers, gone=lambda: False):
        """Until there is an answer that is final: 201, or a refusal."""
        while True:
            try:
                self.connection.request(method, target, body=body, headers=headers)
                response = self.connection.getresponse()
                answer = response.read().decode().strip()
                if response.getheader('Connection', '').lower() == 'close':
                    self.connection.close()
                if response.status == 201:
                    return True
                if response.status == 507:
                    open(self.refused, 'w').close()
                if response.status not in (500, 503, 507):
                    return gone() or sys.exit(f'{target}: {response.status} {answer}')
            except (OSError, http.client.HTTPException):
                self.connection.close()
            time.sleep(0.05)


def put(client, options, name, durability):
    size = 1_200_000 if name.endswith('49') else 700
    client.send('PUT', '/' + name, contents(name, size),
                {'X-Sheaf-Id': name.replace('/', '_'), 'X-Sheaf-Durability': durability})
    return [(name, size)]


def tar(client, options, name, durability):
    members = [(f'{name}/{i:03}', 1_200_000 if i == 7 else 10 + i * 13) for i in range(60)]
    archive = name.split('/', 1)[0]
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode='w') as out:
        for member, size in members:
            info = tarfile.TarInfo(member.split('/', 1)[1])
            info.size = size
            out.addfile(info, io.BytesIO(contents(member, size)))
    data = stream.getvalue()
    # In pieces of odd lengths: a kill finds the stream anywhere.
    pieces = [data[at:at + 7_001] for at in range(0, len(data), 7_001)]
    client.send('PUT', f'/{archive}/?extract=tar', pieces,
                {'X-Sheaf-Id': name.replace('/', '_'), 'X-Sheaf-Durability': durability})
    return members


def pickup(client, options, name, durability):
    size = 1_200_000 if name.endswith('49') else 700
    path = os.path.join(options.files, name.replace('/', '_'))
    with open(path, 'wb') as out:
        out.write(contents(name, size))
    body = json.dumps({'path': path, 'target': name, 'remove': True, 'durability': durability})
    client.send('POST', '/_pickup', body, {'X-Sheaf-Id': name.replace('/', '_')},
                gone=lambda: not os.path.exists(path))
    if os.path.exists(path):
        sys.exit(f'{path} was taken and is still there')
    return [(name, size)]


def spool(client, options, name, durability):
    """What is in a spool is promised; the next one is left when this one was taken."""
    path = os.path.join(options.spool, 'new', name)
    temporary = os.path.join(options.spool, 'tmp', name.replace('/', '_'))
    with open(temporary, 'wb') as out:
        out.write(contents(name, 60_000))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.rename(temporary, path)
    while os.path.exists(path):
        time.sleep(0.02)
    return [(name, 60_000)]


def deposit(door, options):
    kind, _, durability = door.partition(':')
    client = Client(options.socket, os.path.join(options.files, 'refused-' + door))
    stop = os.path.join(options.files, 'stop')
    with open(f'{options.acks}.{door}', 'w') as acks:
        i = 0
        while not os.path.exists(stop):
            name = f'ar{i % 3}.zip/{kind}-{durability}/{i:05}'
            for entry, size in DOORS[kind](client, options, name, durability or 'write'):
                print(entry, size, file=acks)
            acks.flush()
            i += 1


DOORS = {'put': put, 'tar': tar, 'pickup': pickup, 'spool': spool}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--socket', required=True)
    parser.add_argument('--acks', required=True)
    parser.add_argument('--files', required=True)
    parser.add_argument('--spool', help='a spool directory')
    parser.add_argument('doors', nargs='+')
    options = parser.parse_args()
    processes = [multiprocessing.Process(target=deposit, args=(d, options)) for d in options.doors]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    sys.exit(max(process.exitcode for process in processes))


if __name__ == '__main__':
    main()
