"""What both systems are given: zips with members named ar3.zip/job1/task7/out.log."""

import io
import pathlib
import random
import struct
import time
import zipfile

BODIES = 64
FIRST_SECOND = 1_700_000_000


def bodies(size, seed=1):
    """Texts of made-up words: they deflate about as well as logs do."""
    rng = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(rng.choices(letters, k=rng.randint(2, 10))) for _ in range(2000)]
    made = []
    for _ in range(BODIES):
        text = io.StringIO()
        while text.tell() < size:
            text.write(rng.choice(words) + " ")
        made.append(text.getvalue()[:size].encode())
    return made


def write_inbox(inbox, zips, files, size, archives, prefix="job", deflated=False):
    """Writes `zips` zips of `files` members each, in turn for each of `archives` archives."""
    inbox.mkdir(parents=True)
    texts = bodies(size)
    method = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    for z in range(zips):
        closed = time.gmtime(FIRST_SECOND + z)
        # The name says when the zip was closed: the peer reads it so.
        name = f"node{z}-{time.strftime('%y%m%d_%H%M%S', closed)}.zip"
        with zipfile.ZipFile(inbox / name, "w", method) as out:
            for i in range(files):
                info = zipfile.ZipInfo(f"ar{i % archives}.zip/{prefix}{z}/task{i}/out.log",
                                       closed[:6])
                info.compress_type = method
                info.external_attr = 0o644 << 16
                out.writestr(info, texts[(z + i) % BODIES])


def entries(archive):
    """How many entries the end of a zip says, without reading its directory."""
    with open(archive, "rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - (64 << 10) - 98))
        tail = file.read()
    wide = tail.rfind(b"PK\x06\x06")
    if wide >= 0:
        return struct.unpack_from("<Q", tail, wide + 32)[0]
    end = tail.rfind(b"PK\x05\x06")
    return struct.unpack_from("<H", tail, end + 10)[0]


def contents(base):
    """Name, size and CRC-32 of every entry of every archive in a directory."""
    found = {}
    for archive in sorted(pathlib.Path(base).glob("*.zip")):
        with zipfile.ZipFile(archive) as opened:
            names = [(i.filename, i.file_size, i.CRC) for i in opened.infolist()]
        found[archive.name] = sorted(names)
    return found
