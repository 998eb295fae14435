#!/usr/bin/env python3
"""Many small files into one zip: `tar c | curl ?extract=tar` against `zip -0 -r`, in turns.

    docs/bench/tar.py [--dir D] [--files 50000] [--size 1000] [--warm-up 3] [--runs 7]
                      [--factor 20]

Both read the same files from the page cache. Sheaf's time ends with the answer, when all is in the
worker's batch (durability write); zip's when its archive is written. Neither syncs. Beside them
`tar c` alone, to /dev/null by way of cat, which is what reading and packing cost. In parentheses
the processor seconds of a run: of the commands, and of the worker, by which runs can be compared
on a machine that does other things too. A worker runs as long as its job, so the first turns
do not count; what the very first stream took is printed.
"""

import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
import zipfile

from bench import Session


def make(directory, files, size):
    for i in range(files):
        path = directory / f"d{i // 1000}" / f"f{i}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((b"%08d" % i) * (size // 8))


def of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def of_process(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(worker, *command, cwd):
    """Seconds, processor seconds of the command, those of the worker; and what it said."""
    start, own, its = time.perf_counter(), of_children(), of_process(worker)
    out = subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout
    return (time.perf_counter() - start, of_children() - own, of_process(worker) - its), out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", help="where files and archives go")
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--size", type=int, default=1_000)
    parser.add_argument("--warm-up", type=int, default=3, help="turns before those that count")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--factor", type=int, default=20,
                        help="blocks of 512 bytes that tar writes at a time, as its -b (default: as tar's, 20)")
    args = parser.parse_args()
    tar = f"tar -b {args.factor} -c ."
    work = pathlib.Path(tempfile.mkdtemp(prefix="sheaf-tar-", dir=args.dir))
    session = Session(args.dir, False)
    try:
        (work / "files").mkdir()
        make(work / "files", args.files, args.size)
        worker = session.processes["worker"].pid
        times = {"tar alone": [], "zip -0 -r": [], "tar | curl": []}
        for run in range(args.warm_up + args.runs):
            alone, _ = measured(worker, "sh", "-c", f"{tar} | cat > /dev/null", cwd=work / "files")
            archive = work / f"{run}.zip"
            zipped, _ = measured(worker, "zip", "-0", "-q", "-r", str(archive), ".", cwd=work / "files")
            url = f"http://localhost/r{run}.zip/?extract=tar"
            sent, said = measured(
                worker, "sh", "-c", f"{tar} | curl -sS -i --fail --unix-socket {session.socket} -T - '{url}'",
                cwd=work / "files")
            directories = (args.files + 999) // 1000
            assert f"X-Sheaf-Entries: {args.files + directories}" in said, said
            with zipfile.ZipFile(archive) as z:
                assert len(z.namelist()) >= args.files
            archive.unlink()
            if run == 0:
                print(f"first stream after the worker's start: {sent[0]:.2f} s, zip {zipped[0]:.2f} s")
            if run >= args.warm_up:
                for name, value in zip(times, (alone, zipped, sent)):
                    times[name].append(value)
        for name, values in times.items():
            wall, command, its = (list(column) for column in zip(*values))
            median = statistics.median(wall)
            print(f"{name:12} {median:6.2f} s  ({min(wall):.2f} to {max(wall):.2f})"
                  f"  {args.files / median:9,.0f} files/s"
                  f"  (processor: {statistics.median(command):.2f} s,"
                  f" worker {statistics.median(its):.2f} s)")
        ratios = [z[0] / s[0] for z, s in zip(times["zip -0 -r"], times["tar | curl"])]
        print(f"zip / sheaf  {statistics.median(ratios):6.2f}  ({min(ratios):.2f} to {max(ratios):.2f})")
    finally:
        session.close()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
