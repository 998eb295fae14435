"""Deposits files and logs with a Sheaf worker, from Python. One file, standard library only.

    import sheaf

    with sheaf.open("out.zip/run1/result.npy", "wb") as f:      # an entry, there when it is closed
        numpy.save(f, data)
    with sheaf.batch() as b:                                    # many entries, pipelined
        for i, frame in enumerate(frames):
            b.put(f"frames.zip/{i:06}.bin", frame)
    with sheaf.open("logs.zip/run1.log", "a", segment="5m") as log:   # never waits for a disk
        print("step 1", file=log)
    logging.getLogger().addHandler(sheaf.SheafHandler("logs.zip/%(node)s-%(pid)s.log"))
    sheaf.pickup("/scratch/me/big.dat", "out.zip/big.dat")      # the worker reads the file itself

The worker is found by SHEAF_SOCKET, which may have %(node)s, %(host)s, %(uid)s and %(session)s in
it, or as the default socket of SHEAF_SESSION. Python 3.8 or newer, on Linux. The protocol that this
speaks is in docs/protocol.md.

What holds when a call returns
    put(), pickup(), close() of an entry   the entry has the durability that was asked for
    the end of a batch's block             all of its entries have it; else BatchError names those
                                           that have not
    write() of a log                       the bytes are with the kernel, or in a bounded buffer of
                                           this process; close() returns when the log is an entry

A worker that restarts is waited for, `timeout` seconds without progress. What it had not answered
is sent again under the same id, so that nothing is lost or doubled. After a fork, the child begins
anew: what the parent had not sent yet stays the parent's.
"""

import atexit
import collections
import fcntl
import io
import itertools
import json
import logging
import os
import pwd
import re
import select
import socket
import stat
import struct
import sys
import threading
import time
import weakref

__all__ = [
    "AppendStream",
    "Batch",
    "BatchError",
    "Client",
    "SheafConflict",
    "SheafError",
    "SheafFull",
    "SheafHandler",
    "SheafNoSpace",
    "SheafNotFound",
    "SheafRefused",
    "SheafUnavailable",
    "batch",
    "extract",
    "flush",
    "pickup",
    "put",
    "rear_fs",
    "rear_open",
    "rear_pickup",
    "scavengerd",
    "status",
]

PROTOCOL = 1

_TIMEOUT = 60.0
_EXIT_TIMEOUT = 10.0
_SEND_BUFFER = 1 << 20
_PIECE = 256 << 10
_NO_SIGNAL = socket.MSG_NOSIGNAL
# A user's pipes may have 64 MiB in all before new ones, of any program, become tiny (pipe(7)).
_PIPE_BYTES = 256 << 10
_SET_PIPE_SIZE = 1031
_CLOSE_ON_EXEC = 0x40000000  # MSG_CMSG_CLOEXEC
_CRLF = b"\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_VERSION_HEADER = "X-Sheaf-Protocol: %d\r\n" % PROTOCOL

_builtin_list = list


# ---- errors


class SheafError(OSError):
    """A deposit failed, or it is not known whether it did.

    status is the worker's HTTP status, 0 when there was no answer; target is what was deposited.
    """

    def __init__(self, message, status=0, target=None):
        super().__init__(message)
        self.status = status
        self.target = target


class SheafRefused(SheafError):
    """The worker will not take it, and would not take the same again."""


class SheafNotFound(SheafError, FileNotFoundError):
    """There is no such entry, or no such file."""


class SheafConflict(SheafError, FileExistsError):
    """The name is taken under duplicates=error, or a file changed while it was picked up."""


class SheafNoSpace(SheafError):
    """The filesystem is full, or a quota is used up."""


class SheafUnavailable(SheafError, ConnectionError):
    """No worker answers, or none takes anything now."""


class SheafFull(SheafError):
    """A log's buffer is full, and the worker has taken nothing for the time that was given."""


class BatchError(SheafError):
    """Deposits of a batch failed; failures has (target, error) of each."""

    def __init__(self, message, failures=()):
        super().__init__(message, target=failures[0][0] if failures else None)
        self.failures = _builtin_list(failures)


_CLASSES = {404: SheafNotFound, 409: SheafConflict, 503: SheafUnavailable, 507: SheafNoSpace}
_REFUSED = (400, 403, 405, 413, 417, 422, 505)
_RETRY = (500, 503)
_RETRIES_OF_500 = 3


def _error(status, body, target):
    kind = _CLASSES.get(status, SheafRefused if status in _REFUSED else SheafError)
    reason = body.decode("utf-8", "replace").strip() or "the worker answered %d" % status
    return kind("%s: %s" % (target, reason) if target else reason, status, target)


# ---- requests and answers

_SAFE = r"[-._~!$&'()*+,;=:@/0-9A-Za-z]"
_plain = re.compile(_SAFE + "+").fullmatch
_unsafe = re.compile(_SAFE.replace("[", "[^", 1).encode())


def _escape(text):
    try:
        raw = text.encode("utf-8") if isinstance(text, str) else bytes(text)
    except UnicodeEncodeError:
        raise SheafRefused("%r: a name must be UTF-8" % text, target=text) from None
    return _unsafe.sub(lambda found: b"%%%02X" % found.group()[0], raw).decode("ascii")


def _path(target):
    """ARCHIVE.zip/ENTRY, as str, bytes or a path, as it stands in a request."""
    if type(target) is str and _plain(target):
        return target
    return _escape(os.fspath(target))


def _headers(mtime=None, mode=None, owner=None, durability=None):
    lines = ""
    if mtime is not None:
        lines += "X-Sheaf-Modified: %d\r\n" % round(mtime * 1000)
    if mode is not None:
        lines += "X-Sheaf-Mode: %o\r\n" % mode
    if owner is not None:
        lines += "X-Sheaf-Owner: %d:%d\r\n" % tuple(owner)
    if durability is not None:
        if durability not in ("none", "write", "fsync"):
            raise ValueError("durability must be none, write or fsync, not %r" % (durability,))
        lines += "X-Sheaf-Durability: %s\r\n" % durability
    return lines


def _head(method, path, headers="", length=None):
    """A request's head; without a length its body is chunked."""
    body = "Transfer-Encoding: chunked" if length is None else "Content-Length: %d" % length
    text = "%s /%s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n%s\r\n"
    return (text % (method, path, _VERSION_HEADER, body, headers)).encode("ascii")


def _new_id():
    return os.urandom(10).hex()


def _checked_id(given):
    if given is None:
        return _new_id()
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given):
        raise ValueError("an id is 1 to 64 of A-Z a-z 0-9 . _ -, not %r" % (given,))
    return given


def _as_bytes(data):
    if isinstance(data, str):
        raise TypeError("bytes are needed, not str: encode it, or open in a text mode")
    return data if type(data) is bytes else bytes(memoryview(data))


class _Answer:
    """A response, and how many bytes it has."""

    __slots__ = ("body", "headers", "size", "status")

    def __init__(self, status, headers, body, size):
        self.status = status
        self.headers = headers
        self.body = body
        self.size = size

    def is_last(self):
        return self.headers.get("connection", "").lower() == "close"


def _parse_head(data, start=0):
    """Status, headers and end of the head that begins there; None when it has no end yet."""
    end = data.find(b"\r\n\r\n", start)
    if end < 0:
        if len(data) - start > 64 << 10:
            raise ConnectionError("a head of an answer is too long")
        return None
    first, *lines = bytes(data[start:end]).decode("latin-1").split("\r\n")
    if not first.startswith("HTTP/1.1 ") or not first[9:12].isdigit():
        raise ConnectionError("not a worker's answer: " + first[:80])
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return int(first[9:12]), headers, end + 4


def _length(status, headers):
    return 0 if status < 200 else int(headers.get("content-length", "0"))


def _parse(data, start=0):
    """The answer that begins there; None when it is not there whole."""
    head = _parse_head(data, start)
    if head is None:
        return None
    status, headers, end = head
    length = _length(status, headers)
    if len(data) < end + length:
        return None
    return _Answer(status, headers, bytes(data[end : end + length]), end + length - start)


class _Connection:
    """A connection that carries one request at a time, and waits."""

    def __init__(self, sock, timeout):
        sock.settimeout(timeout)
        self.sock = sock
        self._buffer = bytearray()

    def send(self, *parts):
        for part in parts:
            if part:
                self.sock.sendall(part, _NO_SIGNAL)

    def answer(self):
        """The next final answer."""
        while True:
            found = _parse(self._buffer)
            if found is None:
                self._fill()
                continue
            del self._buffer[: found.size]
            if found.status >= 200:
                return found

    def answer_head(self):
        """Status and headers of the next final answer, whose body is for read_into()."""
        while True:
            head = _parse_head(self._buffer)
            if head is None:
                self._fill()
                continue
            del self._buffer[: head[2]]
            if head[0] >= 200:
                return head[0], head[1]

    def read_into(self, view):
        if self._buffer:
            count = min(len(view), len(self._buffer))
            view[:count] = self._buffer[:count]
            del self._buffer[:count]
            return count
        return self.sock.recv_into(view)

    def exchange(self, *parts):
        try:
            self.send(*parts)
        except (BrokenPipeError, ConnectionResetError):
            # The worker may have answered before it had read everything: its reason is better.
            try:
                return self.answer()
            except OSError:
                pass
            raise
        return self.answer()

    def _fill(self):
        data = self.sock.recv(64 << 10)
        if not data:
            raise ConnectionResetError("the worker closed the connection")
        self._buffer += data

    def close(self):
        self.sock.close()


# ---- where the worker is


def _host():
    name = os.uname().nodename.split(".")[0]
    return _clean(name)


def _clean(name):
    name = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return name if name and not name.startswith(".") else "localhost"


def _names():
    node = os.environ.get("SLURMD_NODENAME")
    names = {"host": _host(), "node": _clean(node) if node else _host(), "uid": str(os.geteuid())}
    if os.environ.get("SHEAF_SESSION"):
        names["session"] = os.environ["SHEAF_SESSION"]
    return names


def _expand(text, names):
    def value(place):
        if place.group(2):
            return "%"
        if place.group(1) not in names:
            known = ", ".join("%%(%s)s" % name for name in sorted(names))
            raise ValueError("%r: use %s, or %%%% for a percent sign" % (text, known))
        return names[place.group(1)]

    return re.sub(r"%(?:\(([^)]*)\)s|(%))?", value, text)


def _socket_path(given=None):
    given = given or os.environ.get("SHEAF_SOCKET")
    if given:
        return _expand(os.fspath(given), _names())
    session = os.environ.get("SHEAF_SESSION")
    if not session:
        raise SheafUnavailable(
            "no worker is named: set SHEAF_SOCKET or SHEAF_SESSION, or run the program with"
            " sheaf local"
        )
    parent = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("TMPDIR") or "/tmp"
    return os.path.join(parent, "sheaf-%d" % os.geteuid(), session + ".sock")


def _trusted():
    """Numbers of the users whose workers get deposits."""
    users = {0, os.geteuid()}
    for name in re.split(r"[,\s]+", os.environ.get("SHEAF_TRUST_WORKERS_OF", "")):
        if name:
            try:
                users.add(int(name) if name.isdigit() else pwd.getpwnam(name).pw_uid)
            except KeyError:
                raise ValueError(
                    "SHEAF_TRUST_WORKERS_OF: no user is named %s on this node: correct it, or"
                    " give the number" % name
                ) from None
    return users


def _connect(path, trusted):
    """A connected socket. Somebody else may have made a socket of that name, read what comes and
    answer that it is safe: so the kernel is asked who serves it, before anything is sent."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        try:
            sock.connect(path)
        except OSError as e:
            raise SheafUnavailable(
                "no worker serves %s: start one with sheaf worker (%s)" % (path, e.strerror or e)
            ) from None
        peer = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        uid = struct.unpack("3i", peer)[1]
        if uid not in trusted:
            raise SheafRefused(
                "the worker at %s is run by user %d, who could read or lose what is deposited:"
                " use a worker of your own, or set SHEAF_TRUST_WORKERS_OF=%d if you trust it"
                % (path, uid, uid)
            )
        return sock
    except BaseException:
        sock.close()
        raise


class _Patience:
    """How long to try again: `timeout` seconds from the last progress on, with growing pauses."""

    def __init__(self, timeout):
        self.timeout = timeout
        self.progress()

    def progress(self):
        self._end = None if self.timeout is None else time.monotonic() + self.timeout
        self._pause = 0.005

    def is_over(self):
        return self._end is not None and time.monotonic() >= self._end

    def pause(self):
        """The next pause, in seconds."""
        pause = self._pause
        self._pause = min(1.0, pause * 2)
        return pause


# ---- the client


class Client:
    """Deposits with the worker of one socket. Threads may share it.

    socket      path, with templates as SHEAF_SOCKET has; None for what the environment says
    durability  none, write or fsync for what does not say itself; None for the worker's default
    timeout     seconds without progress after which a call fails; None waits forever. The first
                connection is not waited for
    """

    def __init__(self, socket=None, *, durability=None, timeout=_TIMEOUT):
        _headers(durability=durability)
        self.socket = _socket_path(socket)
        self.durability = durability
        self.timeout = timeout
        self._trusted = _trusted()
        self._was_there = False
        self._idle = []
        _forked.add(self)

    def _after_fork(self):
        """In the child: connections are the parent's, which goes on with them."""
        self.close()

    def put(self, target, data, *, mtime=None, mode=None, owner=None, durability=None, id=None):
        """Deposits an entry, and returns when it has its durability.

        target is ARCHIVE.zip/ENTRY; one that ends in / is an empty directory. mtime is in seconds
        since the epoch, mode as st_mode has it (0o120777 makes data the target of a symbolic link),
        owner (uid, gid). A deposit that is done again with the same id is there once.
        """
        data = _as_bytes(data)
        headers = self._deposit_headers(mtime, mode, owner, durability, id)
        self._request(target, _head("PUT", _path(target), headers, len(data)), data)

    def open(
        self,
        target,
        mode="r",
        *,
        buffering=-1,
        encoding=None,
        errors=None,
        newline=None,
        segment=None,
        mtime=None,
        permissions=None,
        owner=None,
        durability=None,
        id=None,
        max_buffer=64 << 20,
        overflow="block",
    ):
        """As the builtin, for an entry: text is UTF-8 unless encoding says otherwise.

        r, rb    the entry as it is now, pending or merged
        w, wb    a new entry: it appears when this is closed; an exception in the with-block, or
                 abort(), leaves nothing. Up to `buffering` bytes (4 MiB) are kept, and sent again
                 if the worker restarts; what is longer is sent as it comes, and fails then
        w+, w+b  a buffer to read and write, deposited when it is closed
        a, ab    an AppendStream, which see for segment, buffering, max_buffer and overflow. Each
                 opening is a new entry

        permissions are those of the entry (0o644). There is no x: whether a name may come twice is
        the session's `duplicates`.
        """
        kind = mode.replace("b", "").replace("t", "")
        binary = "b" in mode
        if kind not in ("r", "w", "w+", "+w", "a") or ("b" in mode and "t" in mode):
            raise ValueError("mode must be r, w, w+ or a, with b for bytes, not %r" % mode)
        if binary and (encoding or errors or newline):
            raise ValueError("a binary mode takes no encoding, errors or newline")
        attributes = dict(
            mtime=mtime, mode=permissions, owner=owner, durability=durability, id=id
        )
        if kind == "r":
            file = io.BufferedReader(_EntryReader(self, target))
        elif kind == "w":
            file = _EntryWriter(self, target, buffering, attributes)
        elif kind == "a":
            file = AppendStream(
                target,
                client=self,
                segment=segment,
                buffering=buffering,
                max_buffer=max_buffer,
                overflow=overflow,
                **attributes,
            )
        else:
            file = _EntryBuffer(self, target, attributes)
        if binary:
            return file
        return _Text(file, encoding or "utf-8", errors, newline, write_through=kind == "a")

    def batch(self, *, durability=None, window=512, max_bytes=32 << 20):
        """A Batch: many entries, which do not wait for each other."""
        return Batch(self, durability=durability, window=window, max_bytes=max_bytes)

    def pickup(self, path, target, *, remove=True, durability=None, links=False, id=None):
        """Deposits a file that another program wrote, with its mode and times, and removes it.

        The worker reads it. When the worker cannot, since it does not see the path, the contents
        are sent. The file is removed only when its entry is durable, and is unchanged.
        """
        path = os.path.abspath(os.fspath(path))
        identity = _checked_id(id)
        if remove:
            durability = "fsync"
        durability = durability or self.durability
        _headers(durability=durability)
        wish = {"path": path, "target": os.fspath(target), "remove": bool(remove)}
        if durability:
            wish["durability"] = durability
        if links:
            wish["links"] = True
        body = json.dumps(wish).encode()
        head = _head("POST", "_pickup", self._id_header(identity), len(body))
        sent_before = []
        try:
            self._request(target, head, body, sent_before)
        except SheafError as e:
            if e.status not in (400, 403, 404, 405):
                raise
            if remove and sent_before and not os.path.lexists(path) and self._has(target):
                return  # The first request was done, and only its answer lost.
            if e.status == 400 and not _is_plain(path):
                raise
            self._send_file(path, target, remove, durability, links, identity)

    def _has(self, target):
        """Whether there is an entry of that name; True from a worker that cannot tell."""
        with self._connection() as connection:
            connection.send(_head("HEAD", _path(target), "", 0))
            return connection.answer_head()[0] in (200, 405)

    def _send_file(self, path, target, remove, durability, links, identity):
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if links else os.O_NOFOLLOW)
        with io.open(os.open(path, flags), "rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise SheafRefused("%s is not a regular file" % path, target=target)
            upload = _Upload(
                self,
                target,
                length=before.st_size,
                mtime=before.st_mtime,
                mode=before.st_mode,
                durability=durability,
                id=identity,
            )
            try:
                held = self._send_contents(file, upload, before.st_size)
                changed = _state(os.fstat(file.fileno())) != _state(before) or file.read(1)
                if changed or len(held) + upload.sent != before.st_size:
                    raise SheafConflict("%s changed while it was read" % path, target=target)
                upload.finish(held)
            except BaseException:
                upload.abort()
                raise
            if remove:
                if _state(os.stat(path)) != _state(before):
                    text = "%s changed after it was deposited, and stays" % path
                    raise SheafConflict(text, target=target)
                os.unlink(path)

    @staticmethod
    def _send_contents(file, upload, size):
        """Sends all but the last piece, which is returned: until that is sent nothing is kept."""
        held = b""
        while upload.sent + len(held) < size:
            piece = file.read(min(_PIECE, size - upload.sent - len(held)))
            if not piece:
                break
            upload.write(held)
            held = piece
        return held

    def extract(self, archive, target, *, format="tar", id=None):
        """Deposits each member of a tar archive, given by path or as a binary file, under target.

        format is tar, tar.gz or tar.zst. Returns how many entries it became. Members that were
        refused raise SheafRefused, with a line for each; the others are kept.
        """
        if not hasattr(archive, "read"):
            with io.open(archive, "rb", buffering=0) as file:
                return self.extract(file, target, format=format, id=id)
        path = _path(target)
        if not path.endswith("/"):
            path += "/"
        upload = _Upload(self, target, path=path + "?extract=" + _escape(format), id=id)
        try:
            for piece in iter(lambda: archive.read(_PIECE), b""):
                upload.write(piece)
            return int(upload.finish().headers.get("x-sheaf-entries", "0"))
        except BaseException:
            upload.abort()
            raise

    def flush(self, archive=None, *, wait="published", timeout=None):
        """Has the worker publish what it holds, all or of one archive; how many batches that were.

        wait="merged" returns when it is in the archives. timeout is in seconds; SheafError with
        status 504 when that was not enough, and all goes on.
        """
        query = "_flush?wait=" + _escape(wait)
        if archive is not None:
            query += "&archive=" + _escape(os.fspath(archive))
        if timeout is not None:
            query += "&timeout=%dms" % round(timeout * 1000)
        answer = self._request(None, _head("POST", query, "", 0), b"", patient=True)
        return json.loads(answer.body.decode())["batches"]

    def list(self, target):
        """The entries of a directory of an archive, as a list of dicts, as docs/protocol.md has."""
        path = _path(target)
        if not path.endswith("/"):
            path += "/"
        answer = self._request(target, _head("GET", path + "?list", "", 0), b"")
        return json.loads(answer.body.decode())["entries"]

    def status(self):
        """What the worker says of itself."""
        return json.loads(self._request(None, _head("GET", "_status", "", 0), b"").body.decode())

    def close(self):
        """Ends idle connections. The client can be used again."""
        while self._idle:
            self._idle.pop().close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _hurry(self):
        self.timeout = _EXIT_TIMEOUT if self.timeout is None else min(self.timeout, _EXIT_TIMEOUT)

    def _deposit_headers(self, mtime, mode, owner, durability, id):
        headers = _headers(mtime, mode, owner, durability or self.durability)
        return self._id_header(_checked_id(id)) + headers

    @staticmethod
    def _id_header(identity):
        return "X-Sheaf-Id: %s\r\n" % identity

    def _connect(self):
        sock = _connect(self.socket, self._trusted)
        self._was_there = True
        return sock

    def _take(self):
        """An idle connection and True, or a new one and False."""
        try:
            return self._idle.pop(), True
        except IndexError:
            return _Connection(self._connect(), self.timeout), False

    def _give_back(self, connection):
        connection.sock.settimeout(self.timeout)
        self._idle.append(connection)

    def _connection(self):
        return _Alone(self._take()[0])

    def _request(self, target, head, body, sent_before=None, patient=False):
        """Sends a request, again if it must, until there is an answer that stands.

        sent_before gets something when the request was sent, and its answer lost.
        """
        patience = _Patience(self.timeout)
        failures = 0
        while True:
            used = False
            was_there = self._was_there
            try:
                connection, used = self._take()
                try:
                    if patient:
                        connection.sock.settimeout(None)
                    answer = connection.exchange(head, body)
                except BaseException:
                    connection.close()
                    raise
                if answer.is_last():
                    connection.close()
                else:
                    self._give_back(connection)
                if answer.status < 300:
                    return answer
                reason = _error(answer.status, answer.body, target)
                failures += answer.status == 500
                if answer.status not in _RETRY or failures > _RETRIES_OF_500:
                    raise reason
            except socket.timeout:
                raise self._late(target) from None
            except SheafUnavailable as e:
                if not was_there:
                    raise
                reason = e
            except ConnectionError as e:
                reason = SheafUnavailable("the connection to the worker was lost: %s" % e)
                if sent_before is not None:
                    sent_before.append(True)
            if patience.is_over():
                reason.target = target
                raise reason
            if not used:  # One that was idle may have been cut long ago.
                time.sleep(patience.pause())

    def _late(self, target):
        name = "%s: " % target if target else ""
        text = "%sthe worker has not answered for %g s; the entry may be taken or not"
        return SheafUnavailable(text % (name, self.timeout), target=target)


def _is_plain(path):
    """Whether a worker that sees this file takes it."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_uid == os.geteuid()


def _state(found):
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class _Alone:
    """A connection for one request, closed after it."""

    def __init__(self, connection):
        self._connection = connection

    def __enter__(self):
        return self._connection

    def __exit__(self, *_):
        self._connection.close()


class _Upload:
    """A body that is sent as it comes. Until finish() it leaves nothing with the worker."""

    def __init__(
        self,
        client,
        target,
        *,
        length=None,
        path=None,
        mtime=None,
        mode=None,
        owner=None,
        durability=None,
        id=None,
    ):
        headers = client._deposit_headers(mtime, mode, owner, durability, id)
        self._head = _head("PUT", path or _path(target), headers, length)
        self._client = client
        self._target = target
        self._chunked = length is None
        self._connection = None
        self._finishing = False
        self.sent = 0

    def write(self, data):
        if not data:
            return
        if self._connection is None:
            self._begin()
        self.sent += len(data)
        if self._chunked:
            self._send(b"%x\r\n" % len(data), data, _CRLF)
        else:
            self._send(data)

    def _begin(self):
        """Nothing of the body is on its way yet, so a connection that was cut can be made anew."""
        patience = _Patience(self._client.timeout)
        while self._connection is None:
            was_there = self._client._was_there
            try:
                connection, used = self._client._take()
            except SheafUnavailable:
                if not was_there or patience.is_over():
                    raise
                time.sleep(patience.pause())
                continue
            if used and select.select([connection.sock], [], [], 0)[0]:
                connection.close()  # It says something unasked: that the worker has gone.
            else:
                self._connection = connection
        self._send(self._head)

    def _send(self, *parts):
        try:
            self._connection.send(*parts)
        except socket.timeout:
            raise self._client._late(self._target) from None
        except ConnectionError as e:
            raise self._broken(e) from None

    def _broken(self, problem):
        """The worker answered before it had everything, or it is gone."""
        try:
            answer = self._connection.answer()
        except OSError:
            kept = "it may be kept or not" if self._finishing else "nothing of it is kept"
            text = "%s: the connection to the worker was lost (%s): %s"
            return SheafUnavailable(text % (self._target, problem, kept), target=self._target)
        return _error(answer.status, answer.body, self._target)

    def finish(self, last=b""):
        """Sends the last piece and waits for the answer."""
        if self._connection is None:
            self._begin()
        self._finishing = not self._chunked
        self.write(last)
        self._finishing = True
        if self._chunked:
            self._send(_LAST_CHUNK)
        try:
            answer = self._connection.answer()
        except socket.timeout:
            raise self._client._late(self._target) from None
        except ConnectionError as e:
            raise self._broken(e) from None
        if answer.is_last():
            self._connection.close()
        else:
            self._client._give_back(self._connection)
        self._connection = None
        if answer.status >= 300:
            raise _error(answer.status, answer.body, self._target)
        return answer

    def abort(self):
        """The worker keeps nothing of a body that has no end."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


# ---- files that are entries


class _EntryWriter(io.BufferedIOBase):
    """An entry that is written. It appears when it is closed."""

    def __init__(self, client, target, buffering, attributes):
        _path(target)
        self.name = target
        self._client = client
        self._attributes = dict(attributes, id=_checked_id(attributes["id"]))
        client._deposit_headers(**self._attributes)
        self._limit = 4 << 20 if buffering < 0 else buffering
        self._pieces = []
        self._size = 0
        self._total = 0
        self._upload = None
        self._aborted = False
        self._is_parents = False
        _forked.add(self)
        _unfinished.add(self)

    def _after_fork(self):
        """The child has a copy of what the parent deposits."""
        self._is_parents = True
        self.abort()

    def _hurry(self):
        self._client._hurry()

    def writable(self):
        return True

    def tell(self):
        return self._total

    def write(self, data):
        if self.closed:
            raise ValueError("write to a closed entry: %s" % (self.name,))
        if self._is_parents:
            raise ValueError("%s was opened before the fork: the parent writes it" % (self.name,))
        piece = _as_bytes(data)
        if self._aborted:
            return len(piece)
        self._pieces.append(piece)
        self._size += len(piece)
        self._total += len(piece)
        if self._size > self._limit:
            self._spill()
        return len(piece)

    def _spill(self):
        if self._upload is None:
            self._upload = _Upload(self._client, self.name, **self._attributes)
        pieces, self._pieces, self._size = self._pieces, [], 0
        try:
            self._upload.write(b"".join(pieces))
        except BaseException:
            self.abort()
            raise
        self._limit = min(self._limit, 64 << 10)

    def abort(self):
        """Gives the entry up: nothing of it stays."""
        self._aborted = True
        self._pieces = []
        if self._upload is not None:
            self._upload.abort()

    def close(self):
        if self.closed:
            return
        try:
            if not self._aborted:
                self._commit()
        except BaseException:
            self.abort()
            raise
        finally:
            super().close()
            _unfinished.discard(self)

    def _commit(self):
        rest = b"".join(self._pieces)
        if self._upload is None:
            self._client.put(self.name, rest, **self._attributes)
        else:
            self._upload.finish(rest)

    def __exit__(self, kind, *_):
        if kind is not None:
            self.abort()
        self.close()


class _EntryBuffer(io.BytesIO):
    """An entry to read and write, deposited when it is closed."""

    def __init__(self, client, target, attributes):
        super().__init__()
        _path(target)
        self.name = target
        self._client = client
        self._attributes = dict(attributes, id=_checked_id(attributes["id"]))
        client._deposit_headers(**self._attributes)
        self._aborted = False
        _forked.add(self)
        _unfinished.add(self)

    def _after_fork(self):
        self._aborted = True

    def _hurry(self):
        self._client._hurry()

    def abort(self):
        self._aborted = True

    def close(self):
        if self.closed:
            return
        try:
            if not self._aborted:
                self._client.put(self.name, self.getvalue(), **self._attributes)
        finally:
            super().close()
            _unfinished.discard(self)

    def __exit__(self, kind, *_):
        if kind is not None:
            self.abort()
        self.close()


class _Text(io.TextIOWrapper):
    """Text over one of the others; an exception in its block gives the entry up."""

    def __init__(self, file, *options, **more):
        super().__init__(file, *options, **more)
        if file in _unfinished:  # What this has not passed on yet belongs to the entry too.
            _unfinished.discard(file)
            _unfinished.add(self)

    def close(self):
        super().close()
        _unfinished.discard(self)

    def _hurry(self):
        hurry = getattr(self.buffer, "_hurry", None)
        if hurry is not None:
            hurry()

    def abort(self):
        abort = getattr(self.buffer, "abort", None)
        if abort is not None:
            abort()

    def __exit__(self, kind, *_):
        if kind is not None:
            self.abort()
        self.close()


class _EntryReader(io.RawIOBase):
    """An entry that is read."""

    def __init__(self, client, target):
        self.name = target
        self._client = client
        self._connection = None
        self._left = 0
        head = _head("GET", _path(target), "", 0)
        while self._connection is None:
            connection, used = client._take()
            try:
                connection.send(head)
                status, headers = connection.answer_head()
                self._connection = connection
            except ConnectionError:
                connection.close()
                if not used:
                    raise
            except socket.timeout:
                connection.close()
                raise client._late(target) from None
        self._left = _length(status, headers)
        self._last = headers.get("connection", "").lower() == "close"
        if status != 200:
            body = self.read(64 << 10)
            self.close()
            raise _error(status, body, target)
        self.state = headers.get("x-sheaf-state")
        self.mtime = int(headers.get("x-sheaf-modified", "0")) / 1000
        self.permissions = int(headers.get("x-sheaf-mode", "100644"), 8)
        self.size = self._left

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self._left or self._connection is None:
            return 0
        view = memoryview(buffer).cast("B")[: self._left]
        count = self._connection.read_into(view)
        if not count:
            raise SheafUnavailable("%s: the worker broke off" % self.name, target=self.name)
        self._left -= count
        return count

    def close(self):
        connection, self._connection = self._connection, None
        if connection is not None:
            if self._left or self._last:
                connection.close()
            else:
                self._client._give_back(connection)
        super().close()


# ---- many entries


class Batch:
    """Entries that are sent one after the other without waiting for each answer.

    put() takes the data over; it may raise BatchError for what failed before. When the block ends,
    or flush() returns, every entry has its durability. At most `window` entries and about
    `max_bytes` are without an answer, and kept to be sent again. Threads may share it.
    """

    _GATHER = 64
    _GATHER_BYTES = 128 << 10
    _LINGER = 0.02
    _MAX_FAILURES = 100

    def __init__(self, client, *, durability=None, window=512, max_bytes=32 << 20):
        if not 1 <= window <= 1024:
            raise ValueError("window must be 1 to 1024, not %r" % (window,))
        self._client = client
        self._common = _headers(durability=durability or client.durability)
        self._window = window
        self._max_bytes = max_bytes
        self._reset()
        _forked.add(self)
        _unfinished.add(self)

    def _reset(self):
        self._lock = threading.RLock()
        self._busy = False
        self._is_sound = True
        self._sock = None
        self._poll = None
        self._input = b""
        self._created = b""
        # Of each: target, head, data, bytes put until then, how often it met a 500, its number.
        # First those that were sent, then those that were not.
        self._waiting = collections.deque()
        self._unsent = []
        self._total = 0
        self._answered = 0
        self._again = []
        self._failures = []
        self._numbers = itertools.count()
        self._prefix = "X-Sheaf-Id: %s-" % _new_id()
        self._last_pump = 0.0
        self._closed = False

    def _after_fork(self):
        """What the parent has put is the parent's to deposit."""
        sock, closed = self._sock, self._closed
        if sock is not None:
            sock.close()
        self._reset()
        self._closed = closed

    def _hurry(self):
        self._client._hurry()

    def put(self, target, data, *, mtime=None, mode=None, owner=None, durability=None, id=None):
        """As Client.put(), without waiting."""
        if type(data) is not bytes:
            data = _as_bytes(data)
        path = target if type(target) is str and _plain(target) else _path(target)
        size = len(data)
        number = next(self._numbers)
        if mtime is mode is owner is durability is id is None:
            tail = self._prefix + "%x\r\n%s\r\n" % (number, self._common)
        else:
            tail = self._client._id_header(_checked_id(id)) if id else (
                self._prefix + "%x\r\n" % number
            )
            common = self._common if durability is None else ""
            tail += common + _headers(mtime, mode, owner, durability) + "\r\n"
        head = "PUT /%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n%s"
        head = (head % (path, size, tail)).encode("ascii")
        whole = size + len(head)
        with self._lock:
            if self._closed:
                raise ValueError("the batch is closed")
            self._total += whole
            self._unsent.append((target, head, data, self._total, 0, number))
            if not self._busy and (
                len(self._unsent) >= self._GATHER
                or size >= self._GATHER_BYTES
                or time.monotonic() - self._last_pump > self._LINGER
                or self._total - self._answered > self._max_bytes
            ):
                self._guarded(False)

    def flush(self):
        """Returns when every entry that was put has its durability; else raises BatchError."""
        with self._lock:
            if self._busy:
                raise RuntimeError("flush() within a put() of the same batch")
            self._guarded(True)
            self._raise_failures()

    @property
    def failures(self):
        """(target, error) of the deposits that have failed and were not told yet."""
        return _builtin_list(self._failures)

    def close(self):
        """flush(), and ends the connection."""
        with self._lock:
            if self._closed:
                return
            try:
                self.flush()
            finally:
                self._closed = True
                self._drop()
                _unfinished.discard(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _guarded(self, everything):
        """A signal handler may put within a put: it only leaves its entry."""
        self._busy = True
        try:
            self._run(everything)
        finally:
            self._busy = False
            self._last_pump = time.monotonic()
        if len(self._failures) >= self._MAX_FAILURES:
            self._raise_failures()

    def _raise_failures(self):
        if self._failures:
            failures, self._failures = self._failures, []
            more = "" if len(failures) == 1 else " (and %d more)" % (len(failures) - 1)
            raise BatchError("not deposited: %s%s" % (failures[0][1], more), failures)

    def _run(self, everything):
        """Sends and receives until no more is waited for than may be, or nothing."""
        patience = _Patience(self._client.timeout)
        if not self._is_sound:
            self._drop()  # An exception of a signal handler has left half a request on its way.
        self._is_sound = False
        while True:
            before = self._answered
            try:
                if self._sock is None:
                    self._reconnect()
                self._transmit()
                while self._is_over(everything):
                    self._wait(select.POLLIN)
                    self._transmit()
                if not self._again:
                    self._is_sound = True
                    return
                self._unanswered()
                reason = self._again_reason
            except socket.timeout:
                self._drop()
                raise self._late() from None
            except SheafUnavailable as e:
                if not self._client._was_there:
                    raise
                self._drop()
                reason = str(e)
            except ConnectionError as e:
                self._drop()
                reason = "the connection to the worker was lost: %s" % e
            if self._answered != before:
                patience.progress()
            if patience.is_over():
                count = len(self._waiting) + len(self._unsent)
                raise SheafUnavailable("%d deposits have no answer: %s" % (count, reason))
            time.sleep(patience.pause())

    def _is_over(self, everything):
        """Whether more is without an answer than may be."""
        count = len(self._waiting)
        if everything or self._again:
            return count > 0
        return count > self._window - self._GATHER or self._outstanding() > self._max_bytes

    def _outstanding(self):
        return self._total - self._answered

    def _late(self):
        count = len(self._waiting) + len(self._unsent)
        text = "%d deposits have no answer; the worker has said nothing for %g s"
        return SheafUnavailable(text % (count, self._client.timeout))

    def _reconnect(self):
        sock = self._client._connect()
        sock.setblocking(False)
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self._input = b""
        self._unanswered()
        self._sock = sock

    def _drop(self):
        sock, self._sock = self._sock, None
        if sock is not None:
            sock.close()

    def _unanswered(self):
        """All that has no answer is to be sent, in the order in which it was put. What is in two
        places was on its way from one to the other."""
        unsent = self._unsent[:]
        count = len(unsent)
        everything = unsent + _builtin_list(self._waiting) + self._again
        entries = {entry[5]: entry for entry in everything}
        ordered = [entries[number] for number in sorted(entries)]
        none = collections.deque()
        # No calls from here on: what a signal handler has put meanwhile is at the end.
        self._unsent = ordered + self._unsent[count:]
        self._waiting = none
        self._again = []

    def _transmit(self):
        """Sends what was not, unless the worker takes nothing now."""
        while self._unsent and not self._again:
            room = self._window - len(self._waiting)
            if room <= 0:
                self._wait(select.POLLIN)
                continue
            entries = self._unsent[: min(room, self._GATHER)]
            count = len(entries)
            self._waiting.extend(entries)
            del self._unsent[:count]
            if sum(len(entry[2]) for entry in entries) <= 4 * self._GATHER_BYTES:
                self._send(b"".join([part for entry in entries for part in entry[1:3]]))
            else:
                for entry in entries:
                    self._send(entry[1])
                    self._send(entry[2])

    def _send(self, data):
        sent = 0
        while sent < len(data):
            try:
                if sent:
                    sent += self._sock.send(memoryview(data)[sent:], _NO_SIGNAL)
                else:
                    sent = self._sock.send(data, _NO_SIGNAL)
            except BlockingIOError:
                self._wait(select.POLLIN | select.POLLOUT)

    def _wait(self, events):
        """Waits for one of these, and takes the answers that are there."""
        self._poll.modify(self._sock, events)
        timeout = self._client.timeout
        found = self._poll.poll(None if timeout is None else timeout * 1000)
        if not found:
            raise socket.timeout()
        if found[0][1] & ~select.POLLOUT:
            data = self._sock.recv(64 << 10)
            if not data:
                raise ConnectionResetError("the worker closed the connection")
            self._receive(self._input + data if self._input else data)

    def _receive(self, data):
        """Nearly always these are many times the same answer."""
        start = 0
        while start < len(data):
            count = self._same(data, start)
            if count:
                self._done(count)
                start += count * len(self._created)
                continue
            answer = _parse(data, start)
            if answer is None:
                break
            if answer.status >= 200:
                self._take(answer)
                if answer.status == 201 and not answer.body and not answer.is_last():
                    self._created = bytes(data[start : start + answer.size])
            start += answer.size
        self._input = data[start:]

    def _same(self, data, start):
        """How many of the answer that is known are all that is there."""
        created = self._created
        count = (len(data) - start) // len(created) if created else 0
        return count if data[start : start + count * len(created)] == created * count else 0

    def _done(self, count):
        waiting = self._waiting
        if count > len(waiting):
            raise ConnectionError("the worker answered what was not asked")
        for _ in range(count):
            entry = waiting.popleft()
        self._answered = max(self._answered, entry[3])

    def _take(self, answer):
        if not self._waiting:
            raise ConnectionError("the worker answered what was not asked")
        target, head, data, total, tries, number = self._waiting[0]
        if answer.status < 300:
            self._done(1)
        elif answer.status == 503 or (answer.status == 500 and tries < _RETRIES_OF_500):
            self._again_reason = str(_error(answer.status, answer.body, target))
            tries += answer.status == 500
            self._again.append((target, head, data, total, tries, number))
            self._waiting.popleft()
        else:
            self._failures.append((target, _error(answer.status, answer.body, target)))
            self._done(1)
        if answer.is_last():
            raise ConnectionResetError("the worker closed the connection")


# ---- logs

# Of the sizes that lines have, the line that begins a chunk.
_CHUNK_HEADS = [b"%x\r\n" % size for size in range(4096)]
_OVERHEAD = 64
_write = os.write
_ASK_FOR_PIPE = "Expect: 100-continue\r\nX-Sheaf-Pipe: 1\r\n"
_ASK_SECONDS = 5.0
_GATHER_SECONDS = 0.1


_AGES = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _segment_limits(segment):
    """After how many bytes a log is cut, and after how many seconds; 0 when it is not."""
    size = age = 0
    for part in segment.split(","):
        found = re.fullmatch(r"\s*([0-9]+)\s*(ms|s|m|h|d)\s*", part)
        if found:
            age = int(found.group(1)) * _AGES[found.group(2)]
            continue
        found = re.fullmatch(r"\s*([0-9]+)\s*([KMGT]?)(?:i?B)?\s*", part, re.IGNORECASE)
        if found:
            size = int(found.group(1)) << 10 * " KMGT".index(found.group(2).upper() or " ")
    return size, age


def _receive_with_files(sock):
    """What has come, and the descriptors that came with it."""
    data, ancillary, _, _ = sock.recvmsg(64 << 10, socket.CMSG_SPACE(16), _CLOSE_ON_EXEC)
    fds = []
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds += struct.unpack("%di" % (len(content) // 4), content[: len(content) // 4 * 4])
    return data, fds


class AppendStream(io.BufferedIOBase):
    """A log: what is written becomes an entry, chunk by chunk, and write() never waits for a disk.

    target       the entry; with segment others follow it: log.1.txt, log.2.txt ...
    segment      cuts the log by age and size: "5m", "64M", "5m,64M"
    buffering    bytes to gather before they are sent, 0.1 s at most; -1 or 0 sends each write at
                 once, so that a process which is killed right after it has lost nothing
    max_buffer   bytes of memory, for what the worker has not taken or not told to be safe
    overflow     when that is full: "block" waits, `timeout` seconds without progress, then raises
                 SheafFull; "drop" drops the oldest writes that were not sent, counts them in
                 dropped_writes and dropped_bytes, and leaves a line in the log; "raise" raises
                 SheafFull, and the write has no effect

    A worker that restarts is waited for; what it had not told to be safe is sent again. If it was
    killed, lines that it had written and not told of may be there twice; none is missing. A log
    that the worker refuses raises at the next write.
    """

    def __init__(
        self,
        target,
        *,
        client=None,
        segment=None,
        buffering=-1,
        max_buffer=64 << 20,
        overflow="block",
        timeout=None,
        mtime=None,
        mode=None,
        owner=None,
        durability=None,
        id=None,
    ):
        if overflow not in ("block", "drop", "raise"):
            raise ValueError("overflow must be block, drop or raise, not %r" % (overflow,))
        if max_buffer < 64 << 10:
            raise ValueError("max_buffer must be 65536 or more, not %r" % (max_buffer,))
        self.name = target
        self._client = client or _default()
        self._path = _path(target) + "?append"
        if segment is not None:
            self._path += "&segment=" + _escape(str(segment))
        self._segment_bytes, self._segment_seconds = _segment_limits(str(segment))
        self._attributes = _headers(mtime, mode, owner, durability or self._client.durability)
        self._gather = min(max(0, buffering), max_buffer // 4)
        self._max_buffer = max_buffer
        self._limit = max_buffer // 2
        self._overflow = overflow
        self._timeout = self._client.timeout if timeout is None else timeout
        self._reset(_checked_id(id))
        try:
            self._open()
        except BaseException:
            super().close()
            raise
        _forked.add(self)
        _unfinished.add(self)

    def _reset(self, identity):
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._id = identity
        self._sock = None
        self._send = None
        self._input = b""
        # 1: a write may send, for nothing waits before it. 3: the same, to the pipe. 2: it may be
        # gathered, there is room. 0: none of these. -1: one is just being sent.
        self._direct = 0
        self._blocked = False
        # The end of a pipe that the worker reads, and the other one (see _take_pipe). Until the
        # worker has said whether there is one, or this time is over, nothing is sent.
        self._pipe = None
        self._pipe_source = None
        self._asked_until = 0
        # Descriptors that have come before what tells of them.
        self._files = []
        # An exception came while something was on its way: the connection is of no use any more.
        self._torn = False
        # What the worker has not told to be safe, from the offset _base on. The last _unframed
        # bytes of it were not sent on this connection; _rest is the rest of a chunk.
        self._window = bytearray()
        self._base = 0
        self._unframed = 0
        self._rest = b""
        # Writes that wait for their turn; _queued is their memory. What is taken from here is in
        # the window one statement before: no exception of a signal handler comes between, for
        # Python (from 3.10 on) runs handlers at calls and jumps.
        self._backlog = []
        self._queued = 0
        self._next_try = self._gather
        self._gap = [0, 0]
        self.dropped_writes = 0
        self.dropped_bytes = 0
        self.entries = None
        # Of the connection before: its first entry, the offset from which it went on, its time.
        self._number = 0
        self._from = 0
        self._since = time.monotonic()
        self._closing = False
        self._end_sent = False
        self._failure = None
        self._problem = None
        self._patience = _Patience(self._timeout)

    def _after_fork(self):
        """The child writes a log of its own, under the same name; the parent's is the parent's."""
        sock, over = self._sock, self.closed or self._closing or self._failure
        if sock is not None:
            sock.close()
        self._close_pipe()
        self._reset(_new_id())
        if over:
            self._closing = True
            io.BufferedIOBase.close(self)

    def _hurry(self):
        self._timeout = _EXIT_TIMEOUT
        self._patience = _Patience(_EXIT_TIMEOUT)

    # -- for the program

    @property
    def safe(self):
        """Bytes that have their durability, as the worker has told."""
        return self._base

    @property
    def pending(self):
        """Bytes that the worker has not told to be safe."""
        with self._lock:
            return len(self._window) + sum(map(len, self._backlog))

    def writable(self):
        return True

    def write(self, data):
        if type(data) is not bytes:
            data = _as_bytes(data)
        size = len(data)
        with self._lock:
            if self._direct == 3 and 0 < size < 65536:
                self._direct = -1
                # Noted before it is sent: whatever interrupts this, it is sent again.
                window = self._window
                window += data
                try:
                    try:
                        sent = _write(self._pipe, data)
                    except BlockingIOError:
                        sent = 0
                    if sent == size and len(window) < self._limit and not self._backlog:
                        self._direct = 3
                        return size
                    self._direct = 0
                    self._rest = data[sent:]
                    self._hold()
                except OSError as e:
                    self._lose(e)
                except BaseException as e:
                    self._torn = True
                    self._direct = 0
                    self._lose(e)
                    raise
                return size
            if self._direct == 1 and 0 < size < 65536:
                self._direct = -1
                # Noted before it is sent: whatever interrupts this, it is sent again.
                self._window += data
                if size < 4096:
                    frame = _CHUNK_HEADS[size] + data + _CRLF
                else:
                    frame = b"%x\r\n%b\r\n" % (size, data)
                try:
                    try:
                        sent = self._send(frame, _NO_SIGNAL)
                    except BlockingIOError:
                        sent = 0
                    if sent == len(frame) and len(self._window) < self._limit and not self._backlog:
                        self._direct = 1
                        return size
                    self._direct = 0
                    self._rest = frame[sent:]
                    self._hold()
                except OSError as e:
                    self._lose(e)
                except BaseException as e:
                    self._torn = True
                    self._direct = 0
                    self._lose(e)
                    raise
                return size
            if self._direct == 2:
                if not self._backlog:
                    _keep(self, _GATHER_SECONDS)
                self._backlog.append(data)
                self._queued += size + _OVERHEAD
                if self._queued >= self._gather:
                    self._flush()
                return size
            return self._write_behind(data, size)

    def _write_behind(self, data, size):
        """A write that waits for others."""
        if self._direct < 0:  # A signal handler writes, within a write.
            self._append(data, size)
            return size
        self._check()
        if size >= 65536 and self._overflow == "block":
            for start in range(0, size, 65536):
                piece = data[start : start + 65536]
                self._make_room(len(piece))
                self._append(piece, len(piece))
                self._push()
        elif size:
            if self._make_room(size):
                self._append(data, size)
                self._push()
        return size

    def _append(self, data, size):
        self._backlog.append(data)
        self._queued += size + _OVERHEAD

    def _push(self):
        if self._torn:
            self._lose(self._problem)
        if self._sock is None:
            _keeper().ensure(self)
        elif self._queued >= self._next_try:
            self._flush()

    def _check(self):
        if self._failure is not None:
            raise self._failure
        if self._closing:
            raise ValueError("write to a closed log: %s" % (self.name,))

    def _is_full(self, size):
        return len(self._window) + self._queued + size + _OVERHEAD > self._max_buffer

    def _make_room(self, size):
        """Whether there is room for a write now, by the rule of overflow."""
        if not self._is_full(size):
            return True
        if self._sock is not None:
            self._flush()
        if self._overflow == "block":
            self._await(lambda: not self._is_full(size), self._full)
            return True
        if self._overflow == "raise" and self._is_full(size):
            raise self._full()
        if self._is_full(size):
            self._drop_oldest(size)
        if not self._is_full(size):
            return True
        self._count_dropped(1, size)
        return False

    def _drop_oldest(self, size):
        """Drops a sixteenth of the buffer at a time, since each time costs."""
        parts, size, cost = self._oldest(max(size, self._max_buffer // 16))
        count = len(parts)
        del self._backlog[:count]
        self._queued -= cost
        self._count_dropped(count, size)

    def _count_dropped(self, writes, size):
        self.dropped_writes += writes
        self.dropped_bytes += size
        self._gap = [self._gap[0] + writes, self._gap[1] + size]

    def _full(self):
        text = "%s: %d bytes wait for the worker, and there is room for no more%s"
        problem = ": %s" % self._problem if self._problem else ""
        waiting = len(self._window) + self._queued
        return SheafFull(text % (self.name, waiting, problem), target=self.name)

    def _late(self):
        text = "%s: the worker has taken nothing for %g s%s"
        problem = ": %s" % self._problem if self._problem else ""
        seconds = self._patience.timeout
        return SheafUnavailable(text % (self.name, seconds, problem), target=self.name)

    def _await(self, condition, late):
        """Waits, with the lock given up, while there is progress."""
        self._patience.progress()
        while not condition():
            if self._failure is not None:
                raise self._failure
            if self._patience.is_over():
                raise late()
            _keep(self, 1.0)
            self._changed.wait(0.5)

    def flush(self):
        """Has what was gathered sent, as far as the worker takes it now. Does not wait."""
        if self.closed:
            raise ValueError("flush of a closed log: %s" % (self.name,))
        with self._lock:
            if self._direct >= 0 and self._sock is not None and self._backlog:
                self._flush()

    def wait(self):
        """Returns when all that was written is safe; raises as a write that blocks does."""
        with self._lock:
            self._check()
            if self._sock is not None:
                self._flush()
            self._await(lambda: not self._window and not self._backlog, self._late)

    def close(self, timeout=None):
        """Ends the log, and returns when it is an entry with its durability.

        timeout is in seconds without progress; SheafError when that was not enough.
        """
        if self.closed:
            return
        try:
            with self._lock:
                if self._failure is not None:
                    raise self._failure
                self._closing = True
                if timeout is not None:
                    self._patience = _Patience(timeout)
                if self._sock is not None:
                    self._flush()
                self._await(self._is_over, self._late)
        except SheafError as e:
            raise self._untaken(e) from None
        finally:
            with self._lock:
                self._closing = True
                self._forget()
            super().close()
            _unfinished.discard(self)

    def _is_over(self):
        """Whether it is an entry. A worker that was lost when all was safe makes it one by itself,
        or whoever salvages what it left."""
        return self.entries is not None or not (self._sock or self._window or self._backlog)

    def _untaken(self, error):
        left = self.pending
        if not left:
            return error
        text = "%s; %d bytes at its end may be lost" % (error, left)
        return type(error)(text, error.status, self.name)

    # -- the connection; the lock is held

    def _head_bytes(self, going_on):
        headers = "%sX-Sheaf-Id: %s\r\n%s" % (self._attributes, self._id, _ASK_FOR_PIPE)
        path = self._path
        if going_on:
            path += "&from=%d&number=%d" % (self._base, self._next_number())
        return _head("POST", path, headers)

    def _next_number(self):
        """With which further entry a worker begins that does not know the log: beyond all that the
        one before may have made, told or not, and what salvage makes of what it left. A cut by size
        moves what follows the last line feed on, so of two segments that follow one another one may
        be short. One that knows the log has a number itself; numbers may be left out."""
        size, age = self._segment_bytes, self._segment_seconds
        now = time.monotonic()
        number = self._number + 1
        if size:
            number += 2 * ((self._base + len(self._window) - self._from) // size + 1)
        if age:  # twice, for a clock that jumps ahead cuts too
            number += 2 * (int((now - self._since) / age) + 1)
        self._number = min(number, 10**9)
        self._from, self._since = self._base, now
        return self._number

    def _open(self):
        """Connects, and waits until the worker says that it takes the log."""
        connection = _Connection(self._client._connect(), self._timeout)
        try:
            connection.send(self._head_bytes(False))
            end = time.monotonic() + _ASK_SECONDS
            while not self._is_told():
                left = max(0.0, end - time.monotonic())
                if not select.select([connection.sock], [], [], left)[0]:
                    break
                self._read(connection.sock)
            with self._lock:
                self._begin(connection.sock)
                self._answers()
                if self._sock is None:
                    raise self._failure or self._problem
                if self._asked_until:
                    self._asked_until = 0
                    self._flush()
        except SheafError as e:
            self._failure = e
            raise
        except OSError as e:
            self._failure = SheafUnavailable("%s: %s" % (self.name, e), target=self.name)
            raise self._failure from None
        finally:
            if self._sock is None:
                connection.close()

    def _begin(self, sock):
        sock.setblocking(False)
        self._sock = sock
        self._send = sock.send
        self._rest = b""
        self._end_sent = False
        self._unframed = len(self._window)
        self._blocked = False
        self._asked_until = time.monotonic() + _ASK_SECONDS
        _keeper().watch(self, sock)
        _keep(self, _ASK_SECONDS)

    def _lose(self, problem):
        """The connection is of no use any more. All that is not safe is sent again on the next."""
        self._problem = problem
        self._forget()
        self._unframed = len(self._window)
        if self._failure is None and self.entries is None:
            _keep(self, self._patience.pause())
        self._torn = False

    def _forget(self):
        self._direct = 0
        sock, self._sock = self._sock, None
        if sock is not None:
            _keeper().unwatch(sock.fileno(), sock)
            if self._pipe is not None:
                _keeper().unwatch(self._pipe, sock)
            sock.close()
        self._close_pipe()
        self._asked_until = 0
        self._input = b""
        self._changed.notify_all()

    def _fail(self, error):
        self._failure = error
        self._forget()

    def _hold(self):
        """The socket is full: the keeper tells when it is not."""
        if not self._blocked and self._sock is not None:
            self._blocked = True
            self._watch_room(True)
        self._next_try = self._queued + _PIECE // 4

    def _watch_room(self, wanted):
        if self._pipe is None or self._end_sent:
            _keeper().watch_room(self._sock, wanted)
        elif wanted:
            _keeper().watch_pipe(self, self._sock, self._pipe)
        else:
            _keeper().unwatch(self._pipe, self._sock)

    def _flush(self):
        """Sends what there is, until the socket is full."""
        if self._torn:
            self._lose(self._problem)
        if self._sock is None or self._direct < 0 or self._asked_until:
            return
        self._direct = -1
        try:
            try:
                self._send_all()
            except BlockingIOError:
                self._direct = 0
                self._hold()
                return
            if self._blocked:
                self._blocked = False
                self._watch_room(False)
            self._next_try = self._gather
            self._changed.notify_all()
            if self._backlog or self._closing or len(self._window) >= self._limit:
                self._direct = 0
            else:
                self._direct = 2 if self._gather else 1 if self._pipe is None else 3
        except OSError as e:
            self._lose(e)
        except BaseException as e:
            self._torn = True
            self._direct = 0
            self._lose(e)
            raise

    def _send_all(self):
        while self._rest or self._next_chunk():
            if self._pipe is None or self._end_sent:
                sent = self._send(self._rest, _NO_SIGNAL)
            else:
                sent = _write(self._pipe, self._rest)
            self._rest = self._rest[sent:]
            self._patience.progress()

    def _next_chunk(self):
        """Makes the next chunk the rest to be sent; False when nothing may be sent now."""
        if self._unframed:
            start = len(self._window) - self._unframed
            piece = bytes(self._window[start : start + _PIECE])
            self._frame(piece)
            self._unframed -= len(piece)
            return True
        if len(self._window) >= self._limit or self._end_sent:
            return False
        if self._backlog or (self._closing and any(self._gap)):
            self._take_backlog()
            return self._next_chunk()
        if self._closing:
            if self._blocked:
                self._blocked = False
                self._watch_room(False)
            self._rest = _LAST_CHUNK
            self._end_sent = True
            return True
        return False

    def _take_backlog(self):
        """Moves what waits longest to the window."""
        parts, size, cost = self._oldest(_PIECE)
        if any(self._gap):
            note = b"[sheaf: %d writes of %d bytes were dropped here]\n" % tuple(self._gap)
            piece = note + b"".join(parts)
        else:
            piece = b"".join(parts)
        count = len(parts)
        size = len(piece)
        none = [0, 0]
        # No calls from here on.
        self._window += piece
        del self._backlog[:count]
        self._gap = none
        self._queued -= cost
        self._unframed += size

    def _oldest(self, wanted):
        """The first writes of the backlog that have so many bytes, how many, and their memory."""
        if self._queued <= wanted:
            parts = self._backlog[:]
            return parts, sum(map(len, parts)), self._queued
        size = count = 0
        for part in self._backlog:
            if size >= wanted:
                break
            size += len(part)
            count += 1
        return self._backlog[:count], size, size + count * _OVERHEAD

    def _frame(self, piece):
        self._rest = b"%x\r\n%b\r\n" % (len(piece), piece) if self._pipe is None else piece

    def _take_pipe(self, fd):
        """Goes on with a pipe that the worker gave. To have its other end too means that a write to
        it never raises SIGPIPE, whoever is gone; where that may not be opened the log goes over the
        socket. Nothing is ever read from it here."""
        try:
            source = os.open("/proc/self/fd/%d" % fd, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            os.close(fd)
            return
        self._pipe, self._pipe_source = fd, source
        os.set_blocking(fd, False)
        try:
            fcntl.fcntl(fd, _SET_PIPE_SIZE, _PIPE_BYTES)
        except OSError:
            pass  # The user has too many large ones.

    def _close_pipe(self):
        ends, self._files = self._files, []
        if self._pipe is not None:
            ends += self._pipe, self._pipe_source
        self._pipe = self._pipe_source = None
        for fd in ends:
            os.close(fd)

    # -- called by the keeper

    def _ready(self, sock, readable):
        with self._lock:
            if self._sock is not sock:
                return
            if readable:
                self._receive()
            if self._sock is sock and self._direct >= 0:
                self._flush()

    def _due(self):
        """Time to connect again, or to send what was gathered."""
        with self._lock:
            if self._failure is not None or self.entries is not None or self.closed:
                return
            if self._sock is not None:
                if self._asked_until:
                    left = self._asked_until - time.monotonic()
                    if left > 0:
                        _keep(self, left)
                        return
                    self._asked_until = 0
                    self._flush()
                elif self._backlog and self._direct >= 0 and not self._blocked:
                    self._flush()
                return
            try:
                sock = self._client._connect()
            except SheafUnavailable as e:
                self._problem = e
                _keep(self, self._patience.pause())
                return
            except SheafError as e:
                self._fail(e)
                return
            try:
                sock.sendall(self._head_bytes(True), _NO_SIGNAL)
                self._begin(sock)
            except OSError as e:
                sock.close()
                self._lose(e)

    def _receive(self):
        try:
            self._read(self._sock)
            self._answers()
        except BlockingIOError:
            pass
        except OSError as e:
            self._lose(e)

    def _read(self, sock):
        data, fds = _receive_with_files(sock)
        self._files += fds
        if not data:
            raise ConnectionResetError("the worker closed the connection")
        self._input += data

    def _is_told(self):
        """Whether the worker has answered that it takes the log, or has not."""
        answer = _parse(self._input)
        return answer is not None and len(self._input) >= answer.size + self._byte_of_pipe(answer)

    @staticmethod
    def _byte_of_pipe(answer):
        """Behind an answer that tells of a pipe comes a byte, and with it the descriptor."""
        return answer.headers.get("x-sheaf-pipe") == "1"

    def _answers(self):
        while self._input:
            answer = _parse(self._input)
            if answer is None:
                return
            size = answer.size + self._byte_of_pipe(answer)
            if len(self._input) < size:
                return
            self._input = self._input[size:]
            if answer.status == 100:
                self._go_on()
            offset = answer.headers.get("upload-offset", "")
            if offset.isdigit():
                self._told(int(offset))
            if answer.status >= 200:
                self._final(answer)
                return

    def _go_on(self):
        """The worker has said whether there is a pipe. If not in time, it is too late for one."""
        files, self._files = self._files, []
        if self._asked_until and files:
            self._take_pipe(files.pop())
        for fd in files:
            os.close(fd)
        if self._asked_until:
            self._asked_until = 0
            self._flush()

    def _told(self, offset):
        """The worker never has to have more than was sent, but one that goes on with a log may."""
        count = min(offset - self._base, len(self._window) - self._unframed)
        if count > 0:
            del self._window[:count]
            self._base += count
            self._patience.progress()
            self._changed.notify_all()
        if not self._direct and not self._blocked and self._sock is not None:
            self._flush()

    def _final(self, answer):
        if answer.status < 300:
            if not self._end_sent or self._rest:
                self._lose(ConnectionResetError("the worker has ended the log"))
                return
            self._base += len(self._window)
            self._window.clear()
            self.entries = int(answer.headers.get("x-sheaf-entries", "1"))
            self._forget()
            return
        error = _error(answer.status, answer.body, self.name)
        if answer.status in (500, 503, 507):
            self._lose(error)
        else:
            self._fail(error)


class _Keeper(threading.Thread):
    """Reads what workers tell of logs, sends what waits for room, and connects again."""

    def __init__(self):
        super().__init__(name="sheaf-keeper", daemon=True)
        self._epoll = select.epoll()
        self._wake_out, self._wake_in = socket.socketpair()
        self._wake_out.setblocking(False)
        self._wake_in.setblocking(False)
        self._epoll.register(self._wake_in.fileno(), select.EPOLLIN)
        self._watched = {}
        self._due = {}

    def watch(self, stream, sock):
        self._watched[sock.fileno()] = stream, sock
        self._epoll.register(sock.fileno(), select.EPOLLIN)

    def watch_pipe(self, stream, sock, fd):
        """Calls the stream's _ready() for the socket when the pipe has room."""
        self._watched[fd] = stream, sock
        self._epoll.register(fd, select.EPOLLOUT)

    def unwatch(self, fd, sock):
        if self._watched.get(fd, (None, None))[1] is sock:
            del self._watched[fd]
            self._epoll.unregister(fd)

    def watch_room(self, sock, wanted):
        events = select.EPOLLIN | (select.EPOLLOUT if wanted else 0)
        self._epoll.modify(sock.fileno(), events)

    def remind(self, stream, seconds):
        """Calls the stream's _due() then, or earlier if that was asked for."""
        when = time.monotonic() + seconds
        if when < self._due.get(stream, float("inf")):
            self._due[stream] = when
            try:
                self._wake_out.send(b"x")
            except BlockingIOError:
                pass

    def ensure(self, stream):
        """Calls the stream's _due() soon, unless a time for it is set."""
        if stream not in self._due:
            self.remind(stream, 0.0)

    def run(self):
        while True:
            for fd, events in self._epoll.poll(self._pause()):
                if fd == self._wake_in.fileno():
                    self._wake_in.recv(4096)
                    continue
                stream, sock = self._watched.get(fd, (None, None))
                if stream is not None:
                    is_pipe = fd != sock.fileno()
                    self._call(stream, stream._ready, sock, not is_pipe and events & ~select.EPOLLOUT)
            now = time.monotonic()
            for stream, when in _builtin_list(self._due.items()):
                if when <= now:
                    self._due.pop(stream, None)
                    self._call(stream, stream._due)

    def _pause(self):
        times = _builtin_list(self._due.values())
        return max(0.0, min(times) - time.monotonic()) if times else None

    @staticmethod
    def _call(stream, method, *arguments):
        try:
            method(*arguments)
        except Exception as e:  # A mistake here must not end what the other logs need.
            with stream._lock:
                stream._fail(SheafError("%s: %r" % (stream.name, e), target=stream.name))

    def _after_fork(self):
        """Threads are not there in a child, and epoll would watch the parent's files."""
        self._epoll.close()
        self._wake_in.close()
        self._wake_out.close()


def _keeper():
    global _the_keeper
    keeper = _the_keeper
    if keeper is None:
        with _setup:
            keeper = _the_keeper
            if keeper is None:
                keeper = _Keeper()
                keeper.start()
                _the_keeper = keeper
    return keeper


def _keep(stream, seconds):
    _keeper().remind(stream, seconds)


class SheafHandler(logging.Handler):
    """Writes log records to an entry, or with segment to one after the other.

    target may have %(node)s, %(host)s, %(uid)s and %(pid)s in it, and %% for a percent sign: a
    child process then has a log of its own. The program never waits: when the worker takes nothing
    and max_buffer is full, the oldest records are dropped, counted, and told in the log; overflow is
    as for AppendStream. Errors go to logging's own handleError().
    """

    terminator = "\n"
    _AGAIN = 10.0

    def __init__(
        self,
        target,
        level=logging.NOTSET,
        *,
        client=None,
        segment=None,
        durability=None,
        encoding="utf-8",
        errors="backslashreplace",
        max_buffer=64 << 20,
        overflow="drop",
        delay=False,
    ):
        super().__init__(level)
        self.target = target
        self._encoding = encoding
        self._errors = errors
        self._options = dict(
            client=client,
            segment=segment,
            durability=durability,
            max_buffer=max_buffer,
            overflow=overflow,
        )
        self._stream = None
        self._failure = None
        self._not_before = 0.0
        self._expanded()
        if not delay:
            self._opened()
        _forked.add(self)

    def _expanded(self):
        return _expand(os.fspath(self.target), dict(_names(), pid=str(os.getpid())))

    def _after_fork(self):
        stream, self._stream = self._stream, None
        if stream is not None:
            _unfinished.discard(stream)

    def _opened(self):
        """The log; it is opened again some time after it was refused."""
        if self._stream is None:
            if self._failure is not None and time.monotonic() < self._not_before:
                raise self._failure
            stream = AppendStream(self._expanded(), **self._options)
            _unfinished.discard(stream)  # logging closes its handlers, after our own turn.
            self._stream = stream
        return self._stream

    @property
    def dropped(self):
        """How many records were dropped."""
        return self._stream.dropped_writes if self._stream is not None else 0

    def emit(self, record):
        try:
            line = self.format(record) + self.terminator
            self._opened().write(line.encode(self._encoding, self._errors))
        except RecursionError:
            raise
        except SheafFull:
            self.handleError(record)
        except SheafError as e:
            self._failure = e
            self._not_before = time.monotonic() + self._AGAIN
            self._abandon()
            self.handleError(record)
        except Exception:
            self.handleError(record)

    def _abandon(self):
        stream, self._stream = self._stream, None
        if stream is not None:
            try:
                stream.close(0)
            except OSError:
                pass

    def flush(self):
        """Does not wait."""
        self.acquire()
        try:
            if self._stream is not None and not self._stream.closed:
                self._stream.flush()
        finally:
            self.release()

    def close(self):
        """Ends the log. What the worker has not taken is told on stderr."""
        self.acquire()
        try:
            stream, self._stream = self._stream, None
            if stream is not None:
                try:
                    stream.close(_EXIT_TIMEOUT)
                except OSError as e:
                    _tell(e)
        finally:
            self.release()
        super().close()


# ---- rear's names


class rear_fs:
    """As rear's, so that a program which uses rear changes one import:

        from sheaf import rear_fs
        async with rear_fs("/path/to/archive_base"):
            with rear_open("ar.zip/relpath/to/file", "w+b") as f: ...
            with rear_pickup("/path/to/temp-file", "ar.zip/relpath/to/file"): ...

    The archives come into the base directory of the worker's session: archive_base must be that, or
    a directory in it. Coordinators merge them, so there is no scavenger to run. Entries are sent
    without waiting; when the block ends, all have their durability, or BatchError is raised. Of
    entries with the same name within rotation_span the first is kept, as rear does; for the whole
    session that is its setting duplicates=first.

    Works under any event loop, and as a plain `with`.
    """

    def __init__(self, arch_base, success_only=True, rotation_span=5 * 60, *, client=None):
        self._arch_base = arch_base
        self._success_only = success_only
        self._rotation_span = rotation_span
        self._client = client

    def __enter__(self):
        import builtins

        self._client = self._client or _default()
        self._prefix = self._below_base()
        self._seen = set()
        self._rotated = time.monotonic()
        self._batch = self._client.batch()
        self._lock = threading.Lock()
        _rear.append(self)
        builtins.rear_open = self._open
        builtins.rear_pickup = self._pickup
        return self

    def __exit__(self, *_):
        import builtins

        _rear.remove(self)
        for name in ("rear_open", "rear_pickup"):
            if _rear:
                setattr(builtins, name, getattr(_rear[-1], name[4:]))
            else:
                delattr(builtins, name)
        self._batch.close()

    async def __aenter__(self):
        self.__enter__()

    async def __aexit__(self, *error):
        self.__exit__(*error)

    def _below_base(self):
        """What goes before the names of archives, so that they come into arch_base."""
        base = self._client.status().get("base")
        if base is None:
            return ""
        wanted = os.path.realpath(os.fspath(self._arch_base))
        below = os.path.relpath(wanted, os.path.realpath(base))
        if below == os.curdir:
            return ""
        if below.split(os.sep)[0] == os.pardir:
            raise SheafRefused(
                "rear_fs(%r): the worker's archives come into %s: give that, or a directory in it,"
                " or start the session with --base %s" % (self._arch_base, base, wanted)
            )
        return below + "/"

    def _target(self, relpath):
        assert not os.path.isabs(relpath), "a relative path is needed: ARCHIVE.zip/ENTRY"
        return self._prefix + os.fspath(relpath)

    def _is_new(self, target):
        with self._lock:
            now = time.monotonic()
            if now - self._rotated >= self._rotation_span:
                self._seen.clear()
                self._rotated = now
            if target in self._seen:
                return False
            self._seen.add(target)
            return True

    def _open(self, relpath, mode):
        assert mode in {"w+b", "w+"}, "only the modes w+b and w+ are there"
        return _RearOpen(self, self._target(relpath), mode.endswith("b"))

    def _pickup(self, tmpf, relpath):
        return _RearPickup(self, tmpf, self._target(relpath))


class _RearOpen:
    def __init__(self, fs, target, binary):
        self._fs = fs
        self._target = target
        self._file = io.BytesIO() if binary else io.StringIO()

    def __enter__(self):
        return self._file

    def __exit__(self, kind, *_):
        fs = self._fs
        if (kind is None or not fs._success_only) and fs._is_new(self._target):
            data = self._file.getvalue()
            fs._batch.put(self._target, data if type(data) is bytes else data.encode())


class _RearPickup:
    def __init__(self, fs, path, target):
        self._fs = fs
        self._path = path
        self._target = target

    def __enter__(self):
        return None

    def __exit__(self, kind, *_):
        fs = self._fs
        if (kind is None or not fs._success_only) and fs._is_new(self._target):
            fs._client.pickup(self._path, self._target, links=True)
        else:
            os.unlink(self._path)


def rear_open(relpath, mode):
    """As in the innermost rear_fs."""
    return _innermost()._open(relpath, mode)


def rear_pickup(tmpf, relpath):
    """As in the innermost rear_fs."""
    return _innermost()._pickup(tmpf, relpath)


def _innermost():
    if not _rear:
        raise RuntimeError("rear_open and rear_pickup need a rear_fs around them")
    return _rear[-1]


class scavengerd:
    """As rear's, and does nothing: the coordinators of the session merge."""

    def __init__(self, arch_base, rotation_span=5 * 60):
        pass

    async def __aenter__(self):
        return None

    async def __aexit__(self, *_):
        return None


# ---- the worker that the environment names


def _default():
    global _the_client
    client = _the_client
    if client is None:
        with _setup:
            client = _the_client
            if client is None:
                client = _the_client = Client()
    return client


def put(target, data, **attributes):
    """Deposits an entry, and returns when it has its durability: Client.put()."""
    _default().put(target, data, **attributes)


def open(target, mode="r", **options):
    """As the builtin, for an entry: Client.open()."""
    return _default().open(target, mode, **options)


def batch(**options):
    """Many entries, which do not wait for each other: Client.batch()."""
    return _default().batch(**options)


def pickup(path, target, **options):
    """Deposits a file that another program wrote, and removes it: Client.pickup()."""
    _default().pickup(path, target, **options)


def extract(archive, target, **options):
    """Deposits each member of a tar archive: Client.extract()."""
    return _default().extract(archive, target, **options)


def flush(archive=None, **options):
    """Has the worker publish what it holds: Client.flush()."""
    return _default().flush(archive, **options)


def list(target):
    """The entries of a directory of an archive: Client.list()."""
    return _default().list(target)


def status():
    """What the worker says of itself: Client.status()."""
    return _default().status()


# ---- forks, and the end of the process

_setup = threading.RLock()
_the_client = None
_the_keeper = None
_rear = []
_forked = weakref.WeakSet()
_unfinished = weakref.WeakSet()


def _in_child():
    global _setup, _the_keeper
    _setup = threading.RLock()
    keeper, _the_keeper = _the_keeper, None
    if keeper is not None:
        keeper._after_fork()
    for each in _builtin_list(_forked):
        each._after_fork()
    for fs in _rear:
        fs._lock = threading.Lock()
    for each in _builtin_list(_unfinished):
        if not isinstance(getattr(each, "buffer", each), (AppendStream, Batch)):
            _unfinished.discard(each)


def _tell(error):
    try:
        sys.stderr.write("sheaf: %s\n" % error)
    except (AttributeError, OSError, ValueError):
        pass


def _at_exit():
    """Entries and logs that were left open are deposited, as files are written."""
    for each in _builtin_list(_unfinished):
        try:
            each._hurry()
            each.close()
        except Exception as e:
            _tell(e)


os.register_at_fork(after_in_child=_in_child)
atexit.register(_at_exit)
