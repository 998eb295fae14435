"""Tests of sheaf.py against a real worker, which SHEAF_SOCKET names.

    sheaf local --base out -- python3 test_sheaf.py --expect expected.json
    python3 test_sheaf.py --check out expected.json

The first run deposits, and notes in a file what must come of it; the second one looks that up in
the archives with Python's zipfile: each entry once, with its contents. Arguments of unittest follow
those. With --load FILE SECONDS it deposits by chance for some time instead, and expects that all
of it arrives whatever happens to the worker.
"""

import ast
import asyncio
import builtins
import collections
import contextlib
import gc
import glob
import hashlib
import io
import itertools
import json
import logging
import os
import pickle
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import sheaf  # noqa: E402

PATIENCE = 60
RUN = "%d-%s" % (os.getpid(), os.urandom(2).hex())
EXPECTED = []


def expect(target, contents):
    """Says what must be in the archives in the end, once."""
    data = contents if isinstance(contents, bytes) else contents.encode()
    digest = hashlib.sha256(data).hexdigest()
    EXPECTED.append({"target": target, "size": len(data), "sha256": digest})


def expect_lines(prefix, lines, at_least_once=False):
    """Says which lines the log of that name and its further segments must have."""
    EXPECTED.append({"log": prefix, "lines": lines, "at_least_once": at_least_once})


def eventually(what, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("still not: " + what)
        time.sleep(0.01)


def is_in_sheaf(frame):
    """Whether a signal came within a call to the client that no handler has made."""
    found = False
    while frame is not None and frame.f_code.co_name != "handler":
        found |= frame.f_code.co_filename == sheaf.__file__
        frame = frame.f_back
    return found and frame is None


def seeded():
    seed = int(os.environ.get("SHEAF_TEST_SEED", "0")) or random.SystemRandom().randrange(1 << 32)
    print("SHEAF_TEST_SEED=%d" % seed, file=sys.stderr)
    return random.Random(seed)


def supports(method, path, *, cache={}):
    """Whether the worker serves such a request."""
    if (method, path) not in cache:
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
            connection.connect(sheaf._socket_path())
            head = "%s /%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
            connection.sendall((head % (method, path)).encode())
            cache[method, path] = connection.recv(1 << 16)[9:12] != b"405"
    return cache[method, path]


def needs(feature):
    """Skips a test on a worker without a feature; SHEAF_TEST_SERVED names what it must have."""
    there = {
        "append": lambda: supports("POST", "probe.zip/%s?append" % RUN),
        "get": lambda: b"only" not in _reason_of_get(),
        "pickup": lambda: supports("POST", "_pickup"),
        "flush": lambda: supports("POST", "_flush"),
        "tar": lambda: _serves_tar(),
    }[feature]()
    if not there:
        if feature in os.environ.get("SHEAF_TEST_SERVED", "").split():
            raise AssertionError("the worker does not serve %s" % feature)
        raise unittest.SkipTest("the worker does not serve %s" % feature)


def _reason_of_get():
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
        connection.connect(sheaf._socket_path())
        connection.sendall(b"GET /probe.zip/none HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return connection.recv(1 << 16)


def _serves_tar():
    try:
        sheaf.extract(io.BytesIO(bytes(10240)), "probe.zip/")
        return True
    except sheaf.SheafError:
        return False


class Between:
    """Stands between clients and the worker, and fails as networks and workers do."""

    def __init__(self):
        self.worker = sheaf._socket_path()
        self.directory = tempfile.mkdtemp(prefix="sheaf-test-")
        self.path = os.path.join(self.directory, "s")
        self.reads = threading.Event()
        self.reads.set()
        self.answers = True
        self.cut_after = None
        self.canned = []
        self.connections = 0
        self._pairs = []
        self._lock = threading.Lock()
        self.listen()

    def listen(self):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(64)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def away(self):
        """Nobody serves the socket any more, and all connections are lost."""
        os.unlink(self.path)
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self):
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for each in pair:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)  # The thread of the pair closes them.

    def close(self):
        self.reads.set()
        with contextlib.suppress(OSError):
            self.away()
        shutil.rmtree(self.directory)

    def _accept(self, listener):
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            if self.canned:
                self._can(client, self.canned.pop(0))
                continue
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    @staticmethod
    def _can(client, answer):
        client.recv(1 << 16)
        with contextlib.suppress(OSError):
            client.sendall(answer)
            client.shutdown(socket.SHUT_WR)
            while client.recv(1 << 16):
                pass
        client.close()

    def _carry(self, client):
        limit = self.cut_after() if self.cut_after else 1 << 60
        with client, socket.socket(socket.AF_UNIX) as worker, contextlib.suppress(OSError):
            worker.connect(self.worker)
            with self._lock:
                self._pairs.append((client, worker))
            while limit > 0:
                reads = self.reads.is_set()
                ready = select.select([worker] + [client] * reads, [], [], 60 if reads else 0.01)[0]
                for each in ready:
                    data = each.recv(min(limit, 1 << 16))
                    if not data:
                        return
                    if each is client:
                        worker.sendall(data)
                        limit -= len(data)
                    elif self.answers:
                        client.sendall(data)


def canned(status, text, close=True):
    body = text.encode()
    head = "HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n"
    return (head % (status, len(body), "Connection: close\r\n" if close else "")).encode() + body


class Case(unittest.TestCase):
    def setUp(self):
        self.archive = "%s-%s.zip" % (self._testMethodName, RUN)

    def target(self, name):
        return self.archive + "/" + name

    def between(self):
        proxy = Between()
        self.addCleanup(proxy.close)
        return proxy

    def client(self, proxy=None, **options):
        client = sheaf.Client(proxy.path if proxy else None, **options)
        self.addCleanup(client.close)
        return client


class EntryTest(Case):
    def test_put(self):
        sheaf.put(self.target("plain"), b"contents")
        sheaf.put(self.target("of/a/bytearray"), bytearray(b"bytes"))
        sheaf.put(self.target("empty"), b"")
        expect(self.target("plain"), b"contents")
        expect(self.target("of/a/bytearray"), b"bytes")
        expect(self.target("empty"), b"")

    def test_put_takes_no_text(self):
        with self.assertRaises(TypeError):
            sheaf.put(self.target("text"), "text")

    def test_names(self):
        for name in ("späße/日本語/😀", "with space", "100% ?#&+=;,@!$'()*~", "x" * 250):
            sheaf.put(self.target(name), name.encode())
            expect(self.target(name), name)

    def test_bad_names_are_refused(self):
        for name in ("nozip/x", self.target("/abs"), self.target("../up"), self.target("a\\b"), ""):
            with self.assertRaises(sheaf.SheafRefused) as caught:
                sheaf.put(name, b"x")
            self.assertEqual(caught.exception.status, 400)
            self.assertNotIn("\n", str(caught.exception))
        with self.assertRaises(sheaf.SheafRefused):
            sheaf.put(self.target("\udcff"), b"x")

    def test_attributes_must_make_sense(self):
        with self.assertRaises(ValueError):
            sheaf.put(self.target("x"), b"x", durability="eventually")
        with self.assertRaises(ValueError):
            sheaf.put(self.target("x"), b"x", id="not an id")

    def test_attributes(self):
        for durability in ("none", "write", "fsync"):
            sheaf.put(self.target(durability), b"x", durability=durability, mtime=1e9, mode=0o755)
            expect(self.target(durability), b"x")

    def test_open_to_write(self):
        with sheaf.open(self.target("bytes"), "wb") as file:
            file.write(b"one ")
            file.write(memoryview(b"two"))
            self.assertEqual(file.tell(), 7)
        with sheaf.open(self.target("text"), "w", encoding="latin-1", newline="\r\n") as file:
            print("größer", file=file)
        with sheaf.open(self.target("buffer"), "w+b") as file:
            file.write(b"0123456789")
            file.seek(5)
            self.assertEqual(file.read(2), b"56")
            file.write(b"x")
        with sheaf.open(self.target("text buffer"), "w+") as file:
            file.write("ä\nb\n")
            file.seek(0)
            self.assertEqual(file.readlines(), ["ä\n", "b\n"])
        expect(self.target("bytes"), b"one two")
        expect(self.target("text"), "größer\r\n".encode("latin-1"))
        expect(self.target("buffer"), b"0123456x89")
        expect(self.target("text buffer"), "ä\nb\n")

    def test_large_entries_are_streamed(self):
        piece = os.urandom(100_000)
        with sheaf.open(self.target("large"), "wb", buffering=1 << 20) as file:
            for _ in range(100):
                file.write(piece)
        expect(self.target("large"), piece * 100)

    def test_an_exception_leaves_nothing(self):
        for mode, buffering in (("wb", -1), ("wb", 0), ("w", -1), ("w+b", -1), ("w+", -1)):
            with self.assertRaises(ZeroDivisionError):
                with sheaf.open(self.target("nothing"), mode, buffering=buffering) as file:
                    file.write(b"x" * 1000 if "b" in mode else "x" * 1000)
                    1 / 0
        sheaf.put(self.target("there"), b"")
        expect(self.target("there"), b"")

    def test_files_left_open_are_deposited_as_files_are(self):
        sheaf.open(self.target("collected"), "w").write("collected")
        gc.collect()
        expect(self.target("collected"), "collected")
        program = (
            "import sheaf, sys\n"
            "b = sheaf.batch(); b.put(sys.argv[1] + '/batch', b'at exit')\n"
            "f = sheaf.open(sys.argv[1] + '/text', 'w'); f.write('at exit')\n"
            "g = sheaf.open(sys.argv[1] + '/bytes', 'w+b'); g.write(b'at exit')\n"
        )
        subprocess.run([sys.executable, "-c", program, self.archive], check=True, cwd=HERE)
        for name in ("batch", "text", "bytes"):
            expect(self.target(name), "at exit")

    def test_modes(self):
        for mode in ("x", "r+", "rw", "", "wbt", "q"):
            with self.assertRaises(ValueError):
                sheaf.open(self.target("x"), mode)
        with self.assertRaises(ValueError):
            sheaf.open(self.target("x"), "wb", encoding="utf-8")

    def test_open_to_read(self):
        needs("get")
        sheaf.put(self.target("read"), "zwei\nZeilen\n".encode(), mtime=1e9, mode=0o600)
        expect(self.target("read"), "zwei\nZeilen\n")
        with sheaf.open(self.target("read")) as file:
            self.assertEqual(file.readlines(), ["zwei\n", "Zeilen\n"])
        with sheaf.open(self.target("read"), "rb") as file:
            self.assertEqual(file.raw.mtime, 1e9)
            self.assertEqual(file.raw.permissions & 0o777, 0o600)
            self.assertIn(file.raw.state, ("open", "pending", "merged"))
            self.assertEqual(file.read(1), b"z")
        with self.assertRaises(FileNotFoundError):
            sheaf.open(self.target("none"), "rb")
        self.assertEqual([e["name"] for e in sheaf.list(self.archive)], ["read"])

    def test_tar(self):
        needs("tar")
        import tarfile

        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as tar:
            for name in ("a", "b/c"):
                member = tarfile.TarInfo(name)
                member.size = len(name)
                tar.addfile(member, io.BytesIO(name.encode()))
        stream.seek(0)
        self.assertEqual(sheaf.extract(stream, self.target("dir")), 2)
        expect(self.target("dir/a"), "a")
        expect(self.target("dir/b/c"), "b/c")

    def test_status(self):
        status = sheaf.status()
        self.assertIn("session", status)
        self.assertEqual(status.get("protocol", 1), sheaf.PROTOCOL)

    def test_flush(self):
        needs("flush")
        sheaf.put(self.target("flushed"), b"x")
        expect(self.target("flushed"), b"x")
        self.assertGreaterEqual(sheaf.flush(self.archive), 1)

    def test_threads_share_a_client(self):
        client = self.client()

        def work(thread):
            for i in range(50):
                client.put(self.target("%d/%d" % (thread, i)), b"%d %d" % (thread, i))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(len(client._idle), 8)
        for thread in range(8):
            for i in range(50):
                expect(self.target("%d/%d" % (thread, i)), "%d %d" % (thread, i))

    def test_errors_can_be_pickled(self):
        for error in (sheaf.SheafConflict("x", 409, "t"), sheaf.BatchError("y", [("t", None)])):
            copy = pickle.loads(pickle.dumps(error))
            self.assertEqual((type(copy), str(copy)), (type(error), str(error)))
            self.assertEqual(copy.__dict__, error.__dict__)


class BatchTest(Case):
    def test_many(self):
        with sheaf.batch() as batch:
            for i in range(5000):
                batch.put(self.target("%04d" % i), b"%d" % i)
        for i in range(5000):
            expect(self.target("%04d" % i), "%d" % i)

    def test_large_ones_among_small_ones(self):
        contents = [os.urandom(size) for size in (0, 3 << 20, 10, 200_000, 1, 70_000, 5 << 20)]
        with sheaf.batch(max_bytes=1 << 20) as batch:
            for i, data in enumerate(contents):
                batch.put(self.target(str(i)), bytearray(data))
        for i, data in enumerate(contents):
            expect(self.target(str(i)), data)

    def test_failures_are_told_and_others_are_there(self):
        with self.assertRaises(sheaf.BatchError) as caught:
            with sheaf.batch() as batch:
                batch.put(self.target("before"), b"1")
                batch.put("nozip/x", b"2")
                batch.put(self.target("after"), b"3")
        self.assertEqual([target for target, _ in caught.exception.failures], ["nozip/x"])
        self.assertIsInstance(caught.exception.failures[0][1], sheaf.SheafRefused)
        expect(self.target("before"), "1")
        expect(self.target("after"), "3")

    def test_a_batch_of_failures_ends_early(self):
        with self.assertRaises(sheaf.BatchError), sheaf.batch() as batch:
            for i in range(100_000):
                batch.put("nozip/%d" % i, b"")
        self.assertLess(i, 50_000)

    def test_flush_within(self):
        with sheaf.batch() as batch:
            batch.put(self.target("1"), b"1")
            batch.flush()
            self.assertFalse(batch._waiting)
            batch.put(self.target("2"), b"2", mtime=1e9, durability="fsync", id="given." + RUN)
        with self.assertRaises(ValueError):
            batch.put(self.target("3"), b"3")
        expect(self.target("1"), "1")
        expect(self.target("2"), "2")

    def test_threads_share_a_batch(self):
        with sheaf.batch() as batch:

            def work(thread):
                for i in range(500):
                    batch.put(self.target("%d/%d" % (thread, i)), b"%d %d" % (thread, i))

            threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        for thread in range(4):
            for i in range(500):
                expect(self.target("%d/%d" % (thread, i)), "%d %d" % (thread, i))

    def test_signal_handlers_may_put_and_raise(self):
        """A handler deposits within a put; another leaves a put by an exception."""
        seconds = seeded()
        put = []

        class Interrupt(Exception):
            pass

        batch = sheaf.batch(window=128)
        numbers = itertools.count()
        ends = time.monotonic() + 1.5

        def handler(_, frame):
            name = "handler/%d" % next(numbers)
            batch.put(self.target(name), name.encode())
            put.append(name)
            signal.setitimer(signal.ITIMER_REAL, seconds.uniform(0.0005, 0.005))
            if is_in_sheaf(frame) and seconds.random() < 0.5:
                raise Interrupt

        before = signal.signal(signal.SIGALRM, handler)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        i = 0
        unknown = set()
        while time.monotonic() < ends:
            with contextlib.suppress(Interrupt):
                name = "main/%d" % i
                i += 1
                unknown.add(name)
                batch.put(self.target(name), name.encode() * 10)
                put.append(name)
                unknown.remove(name)
        signal.setitimer(signal.ITIMER_REAL, 0)
        batch.close()
        for name in put:
            if name not in unknown:
                expect(self.target(name), name * (10 if name.startswith("main") else 1))
        self.assertTrue(unknown)


class LostConnectionTest(Case):
    def test_answers_are_lost(self):
        """The worker has the entries, and the client does not know: they are sent again."""
        proxy = self.between()
        client = self.client(proxy)
        client.put(self.target("first"), b"first")
        proxy.answers = False
        batch = client.batch()
        before = sheaf.status()["deposits"]
        for i in range(300):
            batch.put(self.target(str(i)), b"%d" % i)
        eventually("the worker has some", lambda: sheaf.status()["deposits"] > before)
        proxy.cut()
        proxy.answers = True
        batch.close()
        expect(self.target("first"), "first")
        for i in range(300):
            expect(self.target(str(i)), "%d" % i)

    def test_an_answer_to_a_put_is_lost(self):
        proxy = self.between()
        client = self.client(proxy)
        client.put(self.target("0"), b"0")
        proxy.answers = False
        timer = threading.Timer(0.2, lambda: (setattr(proxy, "answers", True), proxy.cut()))
        timer.start()
        client.put(self.target("1"), b"1")
        timer.join()
        expect(self.target("0"), "0")
        expect(self.target("1"), "1")

    def test_connections_are_cut_anywhere(self):
        seconds = seeded()
        proxy = self.between()
        proxy.cut_after = lambda: int(10 ** seconds.uniform(2, 5.3))
        client = self.client(proxy)
        with client.batch(window=100) as batch:
            for i in range(1000):
                data = b"%d" % i * seconds.randrange(1, 100)
                batch.put(self.target("batch/%d" % i), data)
                expect(self.target("batch/%d" % i), data)
        for i in range(50):
            client.put(self.target("put/%d" % i), b"%d" % i)
            expect(self.target("put/%d" % i), "%d" % i)
        self.assertGreater(proxy.connections, 5)

    def test_the_worker_is_away_for_a_while(self):
        proxy = self.between()
        client = self.client(proxy)
        batch = client.batch()
        batch.put(self.target("before"), b"1")
        batch.flush()
        client.put(self.target("put before"), b"1")
        proxy.away()
        timer = threading.Timer(0.5, proxy.listen)
        timer.start()
        batch.put(self.target("meanwhile"), b"2")  # Which may wait for it, too.
        batch.close()
        client.put(self.target("after"), b"3")
        with client.open(self.target("stream"), "wb", buffering=0) as file:
            file.write(b"4")
        timer.join()
        expect(self.target("before"), "1")
        expect(self.target("put before"), "1")
        expect(self.target("meanwhile"), "2")
        expect(self.target("after"), "3")
        expect(self.target("stream"), "4")

    def test_no_worker_at_all_fails_at_once(self):
        with self.assertRaises(sheaf.SheafUnavailable) as caught:
            sheaf.Client("/nowhere/sheaf.sock").put("a.zip/x", b"")
        self.assertIn("sheaf worker", str(caught.exception))
        with self.assertRaises(sheaf.SheafUnavailable):
            sheaf.Client("/nowhere/sheaf.sock").open("a.zip/x", "ab")
        with self.assertRaises(ConnectionError):
            batch = sheaf.Client("/nowhere/sheaf.sock").batch()
            sheaf._unfinished.discard(batch)
            batch.put("a.zip/x", b"")
            batch.flush()

    def test_patience_ends(self):
        proxy = self.between()
        client = self.client(proxy, timeout=0.3)
        client.put(self.target("x"), b"x")
        expect(self.target("x"), "x")
        proxy.away()
        with self.assertRaises(sheaf.SheafUnavailable):
            client.put(self.target("y"), b"y")
        with self.assertRaises(sheaf.SheafUnavailable) as caught, client.batch() as batch:
            batch.put(self.target("y"), b"y")
        self.assertIn("1 deposits have no answer", str(caught.exception))

    def test_a_worker_that_says_nothing(self):
        proxy = self.between()
        client = self.client(proxy, timeout=0.3)
        client.put(self.target("x"), b"x")
        expect(self.target("x"), "x")
        proxy.answers = False
        with self.assertRaises(sheaf.SheafUnavailable) as caught:
            client.put(self.target("y"), b"y", id="silent." + RUN)
        self.assertIn("taken or not", str(caught.exception))
        proxy.answers = True
        client.put(self.target("y"), b"y", id="silent." + RUN)
        expect(self.target("y"), "y")

    def test_not_now_is_tried_again(self):
        proxy = self.between()
        client = self.client(proxy)
        proxy.canned = [canned(503, "not now"), canned(503, "not now"), canned(500, "failed")]
        client.put(self.target("put"), b"put")
        expect(self.target("put"), "put")
        proxy.canned = [canned(503, "not now"), canned(500, "failed"), canned(503, "not now")]
        with client.batch() as batch:
            for i in range(100):
                batch.put(self.target(str(i)), b"%d" % i)
        for i in range(100):
            expect(self.target(str(i)), "%d" % i)

    def test_final_answers_are_not_tried_again(self):
        proxy = self.between()
        client = self.client(proxy)
        for status, kind in ((507, sheaf.SheafNoSpace), (409, sheaf.SheafConflict),
                             (413, sheaf.SheafRefused), (409, FileExistsError)):
            proxy.canned = [canned(status, "because\n")]
            with self.assertRaises(kind) as caught:
                client.put("a.zip/x", b"")
            self.assertEqual(str(caught.exception), "a.zip/x: because")
            self.assertEqual(caught.exception.status, status)
            self.assertEqual(proxy.canned, [])

    def test_a_stream_that_is_refused_says_why(self):
        proxy = self.between()
        client = self.client(proxy)
        proxy.canned = [canned(507, "the filesystem is full")]
        with self.assertRaises(sheaf.SheafNoSpace) as caught:
            with client.open("a.zip/x", "wb", buffering=0) as file:
                for _ in range(1000):
                    file.write(bytes(100_000))
        self.assertIn("the filesystem is full", str(caught.exception))


class LogTest(Case):
    def setUp(self):
        super().setUp()
        needs("append")

    def test_lines(self):
        with sheaf.open(self.target("text"), "a") as log:
            for i in range(1000):
                print("line", i, file=log)
        with sheaf.open(self.target("bytes"), "ab") as log:
            log.write(b"")
            log.write(bytearray(b"a"))
            log.write(b"b" * 5000)
            log.write(b"c" * 300_000)
            log.wait()
            self.assertEqual(log.safe, 305_001)
            self.assertEqual(log.pending, 0)
        self.assertEqual(log.entries, 1)
        expect(self.target("text"), "".join("line %d\n" % i for i in range(1000)))
        expect(self.target("bytes"), b"a" + b"b" * 5000 + b"c" * 300_000)

    def test_gathered_writes(self):
        with sheaf.open(self.target("gathered"), "ab", buffering=4096) as log:
            for i in range(10_000):
                log.write(b"%d\n" % i)
            log.wait()
            log.write(b"and this after a while\n")
            eventually("it is sent", lambda: log.pending == 0)
        expect(
            self.target("gathered"),
            "".join("%d\n" % i for i in range(10_000)) + "and this after a while\n",
        )

    def test_a_log_without_a_byte(self):
        sheaf.open(self.target("empty"), "ab").close()
        sheaf.put(self.target("there"), b"")
        expect(self.target("there"), b"")
        EXPECTED.append({"not there": self.target("empty")})

    def test_segments(self):
        with sheaf.open(self.target("cut.log"), "ab", segment="64K") as log:
            for i in range(20_000):
                log.write(b"%08d\n" % i)
        self.assertGreater(log.entries, 1)
        expect_lines(self.target("cut"), ["%08d" % i for i in range(20_000)])

    def test_refused(self):
        for target in ("nozip/x", self.target("../up"), self.target("/abs")):
            with self.assertRaises(sheaf.SheafRefused):
                sheaf.open(target, "ab")
        with self.assertRaises(sheaf.SheafRefused):
            sheaf.open(self.target("x"), "ab", segment="sometimes")

    def test_a_closed_log(self):
        log = sheaf.open(self.target("closed"), "ab")
        log.write(b"x")
        log.close()
        log.close()
        with self.assertRaises(ValueError):
            log.write(b"y")
        expect(self.target("closed"), "x")

    def test_connections_are_cut_anywhere(self):
        """The worker has what it had read, and drops what comes again."""
        seconds = seeded()
        proxy = self.between()
        client = self.client(proxy)
        for buffering in (-1, 1000):
            proxy.cut_after = None
            log = client.open(self.target("cut%d" % buffering), "ab", buffering=buffering)
            proxy.cut()
            proxy.cut_after = lambda: int(10 ** seconds.uniform(2.5, 5))
            lines = [b"%d %s\n" % (i, b"x" * seconds.randrange(100)) for i in range(20_000)]
            for line in lines:
                log.write(line)
            proxy.cut_after = None
            log.close()
            expect(self.target("cut%d" % buffering), b"".join(lines))

    def test_pipes(self):
        """A log whose worker is reached directly goes through a pipe, and leaves no descriptor."""
        before = len(os.listdir("/proc/self/fd"))
        for i in range(5):
            with sheaf.open(self.target("%d" % i), "ab") as log:
                self.assertIsNotNone(log._pipe)
                log.write(b"x" * 60_000)
                log.write(b"y" * 3_000_000)  # more than a pipe takes at a time
                for _ in range(200):
                    log.write(b"z" * 60_000)
            expect(self.target("%d" % i), b"x" * 60_000 + b"y" * 3_000_000 + b"z" * 12_000_000)
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_threads_share_a_log(self):
        lines = ["%d %d %s" % (i, n, "x" * (n % 300)) for i in range(4) for n in range(5000)]
        log = sheaf.open(self.target("threads"), "ab")

        def write(part):
            for line in part:
                log.write(line.encode() + b"\n")

        threads = [threading.Thread(target=write, args=(lines[i::4],)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log.close()
        expect_lines(self.target("threads"), lines)

    def test_more_logs_than_pipes(self):
        logs = [sheaf.open(self.target("%d" % i), "ab") for i in range(200)]
        for n in range(3):
            for i, log in enumerate(logs):
                log.write(b"%d %d\n" % (i, n))
        self.assertTrue(any(log._pipe is None for log in logs))
        self.assertTrue(any(log._pipe is not None for log in logs))
        for i, log in enumerate(logs):
            log.close()
            expect(self.target("%d" % i), "".join("%d %d\n" % (i, n) for n in range(3)))

    def test_a_program_that_is_killed_leaves_what_it_wrote(self):
        program = (
            "import os, sheaf, signal, sys\n"
            "log = sheaf.open(sys.argv[1], 'ab')\n"
            "assert log._pipe is not None\n"
            "for i in range(int(sys.argv[2])): log.write(b'%d\\n' % i)\n"
            "assert not log._backlog and not log._rest\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        for count in (1, 1000, 5000):
            command = [sys.executable, "-c", program, self.target("%d" % count), str(count)]
            ended = subprocess.run(command, cwd=HERE)
            self.assertEqual(ended.returncode, -signal.SIGKILL)
            expect(self.target("%d" % count), "".join("%d\n" % i for i in range(count)))

    def test_connections_with_pipes_are_lost(self):
        """What the worker had not read of the old pipe comes through the new one, once. Nobody
        reads the old one then, and this program has not chosen to ignore SIGPIPE."""
        before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        self.addCleanup(signal.signal, signal.SIGPIPE, before)
        seconds = seeded()
        for buffering in (-1, 1000):
            log = sheaf.open(self.target("lost%d" % buffering), "ab", buffering=buffering)
            lines = [b"%d %s\n" % (i, b"x" * seconds.randrange(200)) for i in range(100_000)]
            lost = 0
            next_loss = 0
            for i, line in enumerate(lines):
                log.write(line)
                if i >= next_loss:
                    sock = log._sock
                    if sock is not None and log._pipe is not None:
                        with contextlib.suppress(OSError):
                            sock.shutdown(socket.SHUT_RDWR)
                        lost += 1
                        next_loss = i + int(10 ** seconds.uniform(1, 4))
            log.close()
            self.assertGreater(lost, 5)
            expect(self.target("lost%d" % buffering), b"".join(lines))

    def test_no_pipe_of_somebody_else(self):
        """A pipe whose other end may not be opened is not used: a write to it could kill."""
        self.addCleanup(setattr, os, "open", os.open)
        opened = os.open

        def refuse(path, *arguments):
            if str(path).startswith("/proc/self/fd/"):
                raise PermissionError(13, "no")
            return opened(path, *arguments)

        os.open = refuse
        log = sheaf.open(self.target("socket"), "ab")
        self.assertIsNone(log._pipe)
        log.write(b"over the socket\n")
        log.close()
        expect(self.target("socket"), "over the socket\n")

    def test_the_worker_is_away_for_a_while(self):
        proxy = self.between()
        log = self.client(proxy).open(self.target("away"), "ab")
        log.write(b"before\n")
        proxy.away()
        eventually("the loss is seen", lambda: log._sock is None)
        for i in range(1000):
            log.write(b"%d\n" % i)
        proxy.listen()
        eventually("it is sent without a further write", lambda: log.pending == 0)
        log.close()
        expect(self.target("away"), "before\n" + "".join("%d\n" % i for i in range(1000)))

    def test_full_and_drop(self):
        proxy = self.between()
        log = self.client(proxy).open(
            self.target("drop"), "ab", max_buffer=1 << 20, overflow="drop"
        )
        proxy.reads.clear()
        proxy.cut()  # The next connection is stalled from the first byte on.
        line = b"%07d " + b"x" * 91 + b"\n"
        for i in range(60_000):
            log.write(line % i)
        self.assertGreater(log.dropped_writes, 10_000)
        self.assertEqual(log.dropped_bytes, log.dropped_writes * 100)
        self.assertLess(log._queued + len(log._window), 1 << 20)
        proxy.reads.set()
        log.close()
        dropped = log.dropped_writes
        EXPECTED.append(
            {"gap": self.target("drop"), "writes": 60_000, "dropped": dropped, "size": 100}
        )

    def test_full_and_raise(self):
        proxy = self.between()
        log = self.client(proxy).open(
            self.target("raise"), "ab", max_buffer=1 << 20, overflow="raise"
        )
        proxy.reads.clear()
        proxy.cut()
        written = 0
        with self.assertRaises(sheaf.SheafFull):
            for written in range(60_000):
                log.write(b"%07d\n" % written)
        proxy.reads.set()
        log.close()
        expect(self.target("raise"), "".join("%07d\n" % i for i in range(written)))

    def test_full_and_block(self):
        proxy = self.between()
        log = self.client(proxy).open(self.target("block"), "ab", max_buffer=1 << 20)
        proxy.reads.clear()
        proxy.cut()
        timer = threading.Timer(1, proxy.reads.set)
        timer.start()
        for i in range(30_000):
            log.write(b"%099d\n" % i)
        self.assertFalse(timer.is_alive())
        log.close()
        expect(self.target("block"), "".join("%099d\n" % i for i in range(30_000)))

    def test_full_and_block_has_an_end(self):
        proxy = self.between()
        client = self.client(proxy, timeout=0.5)
        log = client.open(self.target("late"), "ab", max_buffer=1 << 16)
        proxy.away()
        with self.assertRaises(sheaf.SheafFull) as caught:
            for _ in range(100_000):
                log.write(b"x" * 100)
        self.assertIn("no worker serves", str(caught.exception))
        with self.assertRaises(sheaf.SheafUnavailable) as caught:
            log.close()
        self.assertIn("may be lost", str(caught.exception))

    def test_not_now_is_tried_again(self):
        proxy = self.between()
        log = self.client(proxy).open(self.target("later"), "ab")
        proxy.canned = [canned(503, "stopping"), canned(507, "full"), canned(500, "failed")]
        proxy.cut()
        log.write(b"x\n")
        log.close()
        self.assertEqual(proxy.canned, [])
        expect(self.target("later"), "x\n")

    def test_a_log_that_is_safe_needs_no_worker_to_end(self):
        proxy = self.between()
        log = self.client(proxy).open(self.target("safe"), "ab")
        log.write(b"safe\n")
        log.wait()
        proxy.away()
        eventually("the loss is seen", lambda: log._sock is None)
        log.close()
        expect(self.target("safe"), "safe\n")

    def test_refused_while_it_goes_on(self):
        proxy = self.between()
        log = self.client(proxy).open(self.target("refused"), "ab")
        proxy.canned = [canned(403, "not you")]
        proxy.cut()

        def write_fails():
            try:
                log.write(b"x\n")
            except sheaf.SheafRefused as e:
                return "not you" in str(e)
            return False

        eventually("a write raises", write_fails)
        with self.assertRaises(sheaf.SheafRefused):
            log.close()

    def test_signal_handlers_may_write_and_raise(self):
        seconds = seeded()
        written = []

        class Interrupt(Exception):
            pass

        log = sheaf.open(self.target("signals"), "ab")
        ends = time.monotonic() + 1.5
        numbers = itertools.count()

        def handler(_, frame):
            signal.setitimer(signal.ITIMER_REAL, seconds.uniform(0.0005, 0.005))
            line = b"handler %d\n" % next(numbers)
            log.write(line)
            written.append(line)
            if is_in_sheaf(frame) and seconds.random() < 0.5:
                raise Interrupt

        before = signal.signal(signal.SIGALRM, handler)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        i = 0
        unknown = set()
        while time.monotonic() < ends:
            with contextlib.suppress(Interrupt):
                line = b"main %d\n" % i
                i += 1
                unknown.add(line)
                log.write(line)
                written.append(line)
                unknown.remove(line)
        signal.setitimer(signal.ITIMER_REAL, 0)
        log.close()
        lines = [line.decode().strip() for line in written if line not in unknown]
        EXPECTED.append(
            {
                "log": self.target("signals"),
                "lines": lines,
                "may": [line.decode().strip() for line in unknown],
            }
        )
        self.assertTrue(unknown)


class ForkTest(Case):
    def in_child(self, work):
        """Forks, works in the child, and ends it as an interpreter ends."""
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                work()
                sheaf._at_exit()
                status = 0
            except BaseException as e:
                sys.stderr.write("in the child: %r\n" % (e,))
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)

    def test_client_and_batch(self):
        client = self.client()
        client.put(self.target("0"), b"0")
        batch = client.batch()
        batch.put(self.target("parent"), b"parent")
        batch.put(self.target("parent too"), b"parent too")

        def child():
            client.put(self.target("child"), b"child")
            batch.put(self.target("batch of the child"), b"child")
            batch.flush()

        self.in_child(child)
        client.put(self.target("1"), b"1")
        batch.close()
        for name in ("0", "1", "parent", "parent too", "child"):
            expect(self.target(name), name)
        expect(self.target("batch of the child"), "child")

    def test_open_entries_are_the_parents(self):
        with sheaf.open(self.target("buffered"), "wb") as one, sheaf.open(
            self.target("streamed"), "wb", buffering=0
        ) as two, sheaf.open(self.target("text"), "w") as three:
            for each in (one, two):
                each.write(b"before ")
            three.write("before ")

            def child():
                with self.assertRaises(ValueError):
                    one.write(b"child")
                one.close()
                two.close()

            self.in_child(child)
            for each in (one, two):
                each.write(b"after")
            three.write("after")
        for name in ("buffered", "streamed", "text"):
            expect(self.target(name), "before after")

    def test_a_fork_while_threads_deposit(self):
        client = self.client()
        stop = threading.Event()
        names = []

        def work(thread):
            batch = client.batch()
            i = 0
            while not stop.is_set():
                name = "%d/%d" % (thread, i)
                batch.put(self.target(name), name.encode())
                client.put(self.target(name + "-"), name.encode())
                names.append(name)
                i += 1
            batch.close()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
        for thread in threads:
            thread.start()
        for i in range(20):
            name = "child%d" % i
            self.in_child(lambda: client.put(self.target(name), name.encode()))
            expect(self.target(name), name)
        stop.set()
        for thread in threads:
            thread.join()
        for name in names:
            expect(self.target(name), name)
            expect(self.target(name + "-"), name)

    def test_logs(self):
        needs("append")
        log = sheaf.open(self.target("parent.log"), "ab")
        log.write(b"parent 1\n")
        untouched = sheaf.open(self.target("untouched.log"), "ab")
        untouched.write(b"x")

        def child():
            log.write(b"child\n")
            log.close()
            untouched.close()

        self.in_child(child)
        log.write(b"parent 2\n")
        log.close()
        untouched.close()
        expect(self.target("untouched.log"), "x")
        contents = ["parent 1\nparent 2\n", "child\n"]
        EXPECTED.append({"either": self.target("parent"), "contents": contents})

    def test_multiprocessing(self):
        import multiprocessing

        sheaf.put(self.target("parent"), b"parent")
        context = multiprocessing.get_context("fork")
        with context.Pool(4) as pool:
            pool.map(_put_in_pool, [self.target(str(i)) for i in range(40)])
        expect(self.target("parent"), "parent")
        for i in range(40):
            expect(self.target(str(i)), self.target(str(i)))


def _put_in_pool(target):
    sheaf.put(target, target.encode())


class HandlerTest(Case):
    def setUp(self):
        super().setUp()
        needs("append")
        self.logger = logging.Logger("test")

    def handler(self, name, **options):
        handler = sheaf.SheafHandler(self.target(name), **options)
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        self.logger.addHandler(handler)
        self.addCleanup(handler.close)
        return handler

    def test_records(self):
        handler = self.handler("records.log", level=logging.INFO)
        self.logger.debug("not this")
        self.logger.info("größer %d", 1)
        self.logger.warning("bad \udcff")
        handler.flush()
        handler.close()
        expect(self.target("records.log"), "INFO größer 1\nWARNING bad \\udcff\n")

    def test_threads(self):
        handler = self.handler("threads.log")

        def work(thread):
            for i in range(1000):
                self.logger.info("%d %d", thread, i)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        handler.close()
        expect_lines(
            self.target("threads.log"),
            ["INFO %d %d" % (thread, i) for thread in range(4) for i in range(1000)],
        )

    def test_children_have_logs_of_their_own(self):
        handler = self.handler("%(pid)s.log")
        self.logger.info("parent")
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(write, b"%d" % os.getpid())
            self.logger.info("child")
            handler.close()
            os._exit(0)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        os.close(write)
        child = os.read(read, 100).decode()
        os.close(read)
        handler.close()
        expect(self.target("%d.log" % os.getpid()), "INFO parent\n")
        expect(self.target(child + ".log"), "INFO child\n")

    def test_it_never_raises_into_the_program(self):
        proxy = self.between()
        handler = self.handler("never.log", client=self.client(proxy))
        self.logger.info("1")
        told = []
        handler.handleError = told.append
        proxy.canned = [canned(403, "not you")]
        proxy.cut()
        eventually("it is told", lambda: self.logger.info("2") or told)
        self.logger.info("3")
        self.assertGreaterEqual(len(told), 2)
        with self.assertRaises(sheaf.SheafError):
            sheaf.SheafHandler("nozip/x")

    def test_the_end_of_a_program(self):
        program = (
            "import logging, sheaf, sys\n"
            "logging.basicConfig(level='INFO', format='%(message)s',"
            " handlers=[sheaf.SheafHandler(sys.argv[1])])\n"
            "import atexit\n"
            "logging.info('begins')\n"
            "1 / 0\n"
        )
        target = self.target("end.log")
        done = subprocess.run([sys.executable, "-c", program, target], cwd=HERE, stderr=-1)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn(b"sheaf:", done.stderr)
        expect(target, "begins\n")


class PickupTest(Case):
    def setUp(self):
        super().setUp()
        self.directory = tempfile.mkdtemp(prefix="sheaf-test-")
        self.addCleanup(shutil.rmtree, self.directory)

    def file(self, name, data):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def test_it_is_removed_once_it_is_there(self):
        for size in (0, 10, 3 << 20):
            data = os.urandom(size)
            path = self.file(str(size), data)
            sheaf.pickup(path, self.target(str(size)))
            self.assertFalse(os.path.exists(path))
            expect(self.target(str(size)), data)

    def test_it_stays_when_asked(self):
        path = self.file("stays", b"stays")
        sheaf.pickup(path, self.target("stays"), remove=False)
        self.assertTrue(os.path.exists(path))
        expect(self.target("stays"), b"stays")

    def test_a_worker_that_does_not_see_the_file(self):
        proxy = self.between()
        client = self.client(proxy)
        for status in (400, 403, 404, 405):
            path = self.file(str(status), b"sent %d" % status)
            proxy.canned = [canned(status, "no such file here")]
            client.pickup(path, self.target(str(status)))
            self.assertFalse(os.path.exists(path))
            expect(self.target(str(status)), "sent %d" % status)

    def test_refused_files_stay(self):
        path = self.file("f", b"x")
        with self.assertRaises(sheaf.SheafRefused):
            sheaf.pickup(path, "nozip/x")
        self.assertTrue(os.path.exists(path))
        with self.assertRaises(OSError):
            sheaf.pickup(os.path.join(self.directory, "none"), self.target("none"))
        with self.assertRaises(OSError):
            sheaf.pickup(self.directory, self.target("directory"))
        link = os.path.join(self.directory, "link")
        os.symlink(path, link)
        with self.assertRaises(OSError):
            sheaf.pickup(link, self.target("link"))
        fifo = os.path.join(self.directory, "fifo")
        os.mkfifo(fifo)
        with self.assertRaises(sheaf.SheafRefused):
            sheaf.pickup(fifo, self.target("fifo"))

    def test_a_file_that_changes_is_not_deposited(self):
        client = self.client(self.between())
        path = self.file("changes", b"x" * 1_000_000)
        real = client._send_contents

        def changing(file, upload, size):
            held = real(file, upload, size)
            with open(path, "ab") as more:
                more.write(b"more")
            return held

        client._send_contents = changing
        with self.assertRaises(sheaf.SheafConflict):
            client._send_file(path, self.target("changes"), True, None, False, "changes." + RUN)
        self.assertTrue(os.path.exists(path))
        EXPECTED.append({"not there": self.target("changes")})

    def test_the_answer_is_lost(self):
        """The file is gone: that it was taken is seen by its entry."""
        needs("pickup")
        proxy = self.between()
        client = self.client(proxy)
        client.put(self.target("x"), b"x")
        path = self.file("lost", b"lost answer")
        proxy.answers = False

        def restart():
            eventually("the worker has removed it", lambda: not os.path.exists(path))
            proxy.answers = True
            proxy.cut()

        thread = threading.Thread(target=restart)
        thread.start()
        client.pickup(path, self.target("lost"))
        thread.join()
        expect(self.target("x"), "x")
        expect(self.target("lost"), "lost answer")


class RearTest(Case):
    def base(self):
        return sheaf.status().get("base", ".")

    def test_its_names(self):
        """What rear's own integration test does."""

        async def program():
            async with sheaf.rear_fs(self.base()):
                with rear_open(self.target("b/c.txt"), "w+b") as f:  # noqa: F821
                    f.write(b"Lorem ipsum")
                with rear_open(self.target("b/d.txt"), "w+") as f:  # noqa: F821
                    f.write("Lorem ipsum")
                with tempfile.TemporaryDirectory() as tmp, rear_pickup(  # noqa: F821
                    os.path.join(tmp, "e.txt"), self.target("b/e.txt")
                ):
                    with open(os.path.join(tmp, "e.txt"), "w") as file:
                        file.write("dolor sit amet")
                with self.assertRaises(AssertionError):
                    rear_open(self.target("x"), "r")  # noqa: F821
                with self.assertRaises(AssertionError):
                    rear_open("/" + self.target("x"), "w+")  # noqa: F821

        asyncio.run(program())
        self.assertFalse(hasattr(builtins, "rear_open"))
        with self.assertRaises(RuntimeError):
            sheaf.rear_open(self.target("x"), "w+")
        expect(self.target("b/c.txt"), "Lorem ipsum")
        expect(self.target("b/d.txt"), "Lorem ipsum")
        expect(self.target("b/e.txt"), "dolor sit amet")

    def test_failures_duplicates_and_many(self):
        with sheaf.rear_fs(self.base()):
            with self.assertRaises(ZeroDivisionError):
                with sheaf.rear_open(self.target("no"), "w+") as f:
                    f.write("no")
                    1 / 0
            fd, path = tempfile.mkstemp()
            os.close(fd)
            with self.assertRaises(ZeroDivisionError), sheaf.rear_pickup(path, self.target("no")):
                1 / 0
            self.assertFalse(os.path.exists(path))
            for text in ("first", "second"):
                with sheaf.rear_open(self.target("once"), "w+") as f:
                    f.write(text)
            for i in range(3000):
                with sheaf.rear_open(self.target("many/%d" % i), "w+b") as f:
                    f.write(b"%d" % i)
        with sheaf.rear_fs(self.base(), success_only=False):
            with self.assertRaises(ZeroDivisionError):
                with sheaf.rear_open(self.target("yes"), "w+") as f:
                    f.write("yes")
                    1 / 0
        expect(self.target("once"), "first")
        expect(self.target("yes"), "yes")
        for i in range(3000):
            expect(self.target("many/%d" % i), "%d" % i)
        EXPECTED.append({"not there": self.target("no")})

    def test_another_base(self):
        if "base" not in sheaf.status():
            self.skipTest("the worker does not tell its base directory")
        with self.assertRaises(sheaf.SheafRefused) as caught, sheaf.rear_fs("/nowhere/else"):
            pass
        self.assertIn(self.base(), str(caught.exception))
        below = os.path.join(self.base(), "below")
        with sheaf.rear_fs(below), sheaf.rear_open(self.target("x"), "w+") as f:
            f.write("x")
        expect("below/" + self.target("x"), "x")

    def test_errors_come_at_the_end(self):
        with self.assertRaises(sheaf.BatchError), sheaf.rear_fs(self.base()):
            with sheaf.rear_open("nozip/x", "w+") as f:
                f.write("x")

    def test_scavengerd(self):
        async def program():
            async with sheaf.scavengerd(self.base()):
                pass

        asyncio.run(program())


def segments(log, size):
    """How many entries a worker makes of a log: cut at the size, after the last line feed."""
    count = start = 0
    while start < len(log):
        end = start + size
        if end <= len(log):
            end = log.rfind(b"\n", start, end) + 1 or end
        start = min(end, len(log))
        count += 1
    return count


class FindingTest(Case):
    def test_limits_of_segments(self):
        limits = {
            "5m": (0, 300),
            "64M": (64 << 20, 0),
            "5m,64K": (65536, 300),
            "10MiB, 1h": (10 << 20, 3600),
            "100": (100, 0),
            "64k": (65536, 0),
            "2000ms": (0, 2),
        }
        for text, limit in limits.items():
            self.assertEqual(sheaf._segment_limits(text), limit)

    def test_a_log_goes_on_beyond_all_segments(self):
        seed = time.time_ns()
        print("seed of the segments: %d" % seed)
        chance = random.Random(seed)
        for _ in range(300):
            size = chance.randint(1, 50)
            log = bytes(chance.choice(b"xxxxxxxxx\n") for _ in range(chance.randint(1, 1000)))
            state = types.SimpleNamespace(
                _segment_bytes=size, _segment_seconds=0, _number=0, _from=0, _since=0.0
            )
            first = base = sent = 0
            for _ in range(5):
                sent += chance.randint(0, len(log) - sent)
                made = segments(log[base:sent], size)
                base += chance.randint(0, sent - base)
                state._base, state._window = base, log[base:sent]
                following = sheaf.AppendStream._next_number(state)
                self.assertGreaterEqual(following, first + made)
                first = following

    def test_templates(self):
        names = {"node": "n1", "uid": "7"}
        self.assertEqual(sheaf._expand("/run/%(uid)s/%(node)s%%.sock", names), "/run/7/n1%.sock")
        for bad in ("%(pid)s", "100%", "%d"):
            with self.assertRaises(ValueError):
                sheaf._expand(bad, names)

    def test_environment(self):
        saved = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(saved)))
        os.environ.pop("SHEAF_SESSION", None)
        os.environ["SHEAF_SOCKET"] = "/run/%(node)s.sock"
        os.environ["SLURMD_NODENAME"] = "n 7"
        self.assertEqual(sheaf._socket_path(), "/run/n_7.sock")
        del os.environ["SHEAF_SOCKET"]
        with self.assertRaises(sheaf.SheafUnavailable):
            sheaf.Client()
        os.environ["SHEAF_SESSION"] = "job7"
        os.environ["XDG_RUNTIME_DIR"] = "/run/user/1"
        self.assertEqual(sheaf._socket_path(), "/run/user/1/sheaf-%d/job7.sock" % os.geteuid())
        os.environ["SHEAF_TRUST_WORKERS_OF"] = "12, root"
        self.assertEqual(sheaf._trusted(), {0, 12, os.geteuid()})
        os.environ["SHEAF_TRUST_WORKERS_OF"] = "nobody-of-that-name"
        with self.assertRaises(ValueError):
            sheaf.Client()

    def test_a_socket_of_somebody_else_gets_nothing(self):
        if os.geteuid() != 0:
            self.skipTest("only root can be somebody else")
        directory = tempfile.mkdtemp(prefix="sheaf-test-")
        self.addCleanup(shutil.rmtree, directory)
        os.chmod(directory, 0o777)
        path = os.path.join(directory, "s")
        ready, told = os.pipe()
        got, says = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.setuid(65534)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(path)
            listener.listen(1)
            os.chmod(path, 0o777)
            os.write(told, b"x")
            with listener, listener.accept()[0] as connection:
                os.write(says, b"%d" % len(connection.recv(1000)))
            os._exit(0)
        os.read(ready, 1)
        with self.assertRaises(sheaf.SheafRefused) as caught:
            sheaf.Client(path).put("a.zip/x", b"secret")
        self.assertIn("SHEAF_TRUST_WORKERS_OF=65534", str(caught.exception))
        os.waitpid(pid, 0)
        self.assertEqual(os.read(got, 100), b"0")
        for each in (ready, told, got, says):
            os.close(each)

    def test_it_runs_on_old_pythons_and_needs_nothing(self):
        with open(sheaf.__file__) as file:
            source = file.read()
        tree = ast.parse(source, feature_version=(3, 8))
        modules = {
            name.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in node.names
        }
        if sys.version_info >= (3, 10):
            self.assertLessEqual(modules, set(sys.stdlib_module_names))


# ---- the look into the archives


def check(base, *expected):
    wanted = []
    for each in expected:
        with open(each) as file:
            wanted += json.load(file)
    found = collections.defaultdict(list)
    for path in glob.glob(os.path.join(base, "**", "*.zip"), recursive=True):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                name = os.path.relpath(path, base) + "/" + entry.filename
                found[name].append(archive.read(entry))
    wrong = [text for item in wanted for text in look(item, found)]
    names = {item["target"] for item in wanted if "target" in item}
    for name in found:
        renamed = re.fullmatch(r"(.*/[^/]+)~[0-9]+([.][^./]*)?", name)
        if renamed and renamed.group(1) + (renamed.group(2) or "") in names:
            wrong.append("doubled: " + name)
    for line in wrong[:20]:
        print(line)
    print("expected %d found %d wrong %d" % (len(wanted), len(found), len(wrong)))
    return 1 if wrong else 0


def look(item, found):
    """What is wrong with what was found of an item."""
    if "target" in item:
        got = found.get(item["target"], [])
        if len(got) != 1:
            yield "%s: there %d times" % (item["target"], len(got))
        elif hashlib.sha256(got[0]).hexdigest() != item["sha256"]:
            yield "%s: harmed: %d bytes, not %d" % (item["target"], len(got[0]), item["size"])
    elif "perhaps" in item:
        got = [hashlib.sha256(data).hexdigest() for data in found.get(item["perhaps"], [])]
        if got not in ([], [item["sha256"]]):
            yield "%s: there %d times, or harmed" % (item["perhaps"], len(got))
    elif "not there" in item:
        if item["not there"] in found:
            yield "%s: is there" % item["not there"]
    elif "either" in item:
        logs = [data[0] for name, data in found.items() if name.startswith(item["either"])]
        got = sorted(data.decode() for data in logs)
        if got != sorted(item["contents"]):
            yield "%s: %r" % (item["either"], got)
    elif "gap" in item:
        yield from look_at_gap(item, found)
    else:
        yield from look_at_lines(item, found)


def look_at_lines(item, found):
    parts = {n: d[0] for n, d in found.items() if n.startswith(item["log"])}
    got = collections.Counter(b"".join(parts.values()).decode().splitlines())
    must = collections.Counter(item["lines"])
    missing = must - got
    extra = got - must - collections.Counter(item.get("may", []))
    if missing:
        yield "%s: lines missing: %s" % (item["log"], _builtin_first(missing))
    if extra and not item.get("at_least_once"):
        yield "%s: lines too many: %s" % (item["log"], _builtin_first(extra))


def _builtin_first(counter):
    return "%d, as %r" % (sum(counter.values()), next(iter(counter)))


def look_at_gap(item, found):
    """Lines with their numbers, in order, and notes that say how many are missing where."""
    data = found.get(item["gap"], [b""])[0].decode()
    number = dropped = 0
    for line in data.splitlines():
        note = re.fullmatch(r"\[sheaf: ([0-9]+) writes of ([0-9]+) bytes were dropped here\]", line)
        if note:
            number += int(note.group(1))
            dropped += int(note.group(1))
            if int(note.group(2)) != item["size"] * int(note.group(1)):
                yield "%s: %s" % (item["gap"], line)
        elif int(line.split()[0]) != number:
            yield "%s: %s instead of line %d" % (item["gap"], line[:20], number)
            return
        else:
            number += 1
    if (number, dropped) != (item["writes"], item["dropped"]):
        yield "%s: %d lines, %d of them dropped" % (item["gap"], number, dropped)


# ---- load


def load(seconds):
    """Deposits in all ways, by chance; the worker may be killed and restarted meanwhile."""
    random = seeded()
    name = "load-" + RUN
    ends = time.monotonic() + float(seconds)
    log = lines = None
    with contextlib.suppress(unittest.SkipTest):
        needs("append")
        log = sheaf.open("%s-log.zip/log.txt" % name, "ab", segment="2s")
        lines = []
    count = collections.Counter()
    while time.monotonic() < ends:
        way = random.choice(("batch", "batch", "put", "buffer", "stream"))
        count[way] += 1
        prefix = "%s-%d.zip/%s/%d/" % (name, random.randrange(5), way, count[way])
        if way == "batch":
            entries = {prefix + str(i): _contents(random) for i in range(random.randrange(1, 1000))}
            with sheaf.batch(window=random.randrange(64, 1025)) as batch:
                for target, data in entries.items():
                    batch.put(target, data)
            for target, data in entries.items():
                expect(target, data)
        else:
            _deposit_one(random, way, prefix + "x")
        for _ in range(random.randrange(100) if log else 0):
            lines.append("%d %s" % (len(lines), "x" * random.randrange(100)))
            log.write(lines[-1].encode() + b"\n")
    if log:
        log.close()
        expect_lines("%s-log.zip/log" % name, lines, at_least_once=True)
    print("deposited", dict(count), "and %d lines" % len(lines) if log else "")


def _contents(random):
    return random.randbytes(int(10 ** random.uniform(0, 3.5)))


def _deposit_one(random, way, target):
    data = _contents(random)
    if way == "put":
        sheaf.put(target, data)
    elif way == "buffer":
        with sheaf.open(target, "w+b") as file:
            file.write(data)
    else:
        try:
            with sheaf.open(target, "wb", buffering=0) as file:
                for start in range(0, len(data), 100):
                    file.write(data[start : start + 100])
        except sheaf.SheafUnavailable:
            EXPECTED.append({"perhaps": target, "sha256": hashlib.sha256(data).hexdigest()})
            return
    expect(target, data)


def note(file):
    with open(file, "w") as out:
        json.dump(EXPECTED, out)


def main():
    if sys.argv[1:2] == ["--load"]:
        load(sys.argv[3])
        note(sys.argv[2])
        return
    if sys.argv[1:2] == ["--check"]:
        sys.exit(check(*sys.argv[2:]))
    file = None
    if sys.argv[1:2] == ["--expect"]:
        file = sys.argv[2]
        del sys.argv[1:3]
    program = unittest.main(exit=False)
    if file:
        note(file)
    sys.exit(0 if program.result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
