#!/usr/bin/env python3
"""Measures deposits in a Java program's own process beside rear, in turns.

    docs/bench/local.py [--dir D] [--rear CHECKOUT] [--turns 5] [--files 100000]

One thread, ten archives. A checkout is a clone of Contextualist/rear (which needs trio). Build first:
`mvn -DskipTests verify`. In each turn both run once, each in a process of its own; Sheaf's has one
round before to be compiled in, rear none, as Python needs none. Sheaf's clock runs until the last
entry is in a file; rear's until its file system is left.
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

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
ROUNDS = 3


def class_path():
    """The library, the program that measures, and what they need, from the one jar that has it."""
    jar = TOP / "coordinator" / "target" / "sheaf.jar"
    tests = TOP / "worker" / "target" / "test-classes"
    if not jar.exists() or not tests.exists():
        sys.exit("build first: mvn -DskipTests verify")
    return f"{jar}:{tests}"


def sheaf(options, size, directory):
    """Files a second in the rounds after the first."""
    java = os.path.join(os.environ["SHEAF_JAVA_HOME"], "bin", "java") if "SHEAF_JAVA_HOME" in os.environ else "java"
    base = pathlib.Path(directory) / "base"
    base.mkdir()
    out = subprocess.run(
        [java, "-cp", options.class_path or class_path(), "io.sheaf.worker.LocalBench"]
        + [str(base), str(size), str(options.files), str(ROUNDS)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return statistics.median(float(line) for line in out.split()[1:])


def rear(options, size, directory):
    program = [sys.executable, HERE / "python.py", "--one", "rear", str(size), options.rear, directory]
    environment = dict(os.environ, FILES=str(options.files))
    out = subprocess.run(program, check=True, capture_output=True, text=True, env=environment).stdout
    return json.loads(out)["rate"]


def turn(options, size):
    rates = []
    for work in (sheaf, rear)[: 2 if options.rear else 1]:
        directory = tempfile.mkdtemp(dir=options.dir)
        try:
            os.sync()
            rates.append(work(options, size, directory))
        finally:
            shutil.rmtree(directory)
    return rates


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dir")
    parser.add_argument("--rear", type=os.path.abspath)
    parser.add_argument("--class-path", help="in place of that of the build")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--files", type=int, default=100_000)
    options = parser.parse_args()
    for size in (4096, 200):
        turns = [turn(options, size) for _ in range(options.turns)]
        ours = statistics.median(each[0] for each in turns)
        line = f"{size:5} B  sheaf {ours:9,.0f}/s"
        if options.rear:
            ratios = sorted(each[0] / each[1] for each in turns)
            theirs = statistics.median(each[1] for each in turns)
            line += f"  rear {theirs:9,.0f}/s  ratio {statistics.median(ratios):.1f}"
            line += f" ({ratios[0]:.1f} to {ratios[-1]:.1f})"
        print(line, flush=True)


if __name__ == "__main__":
    main()
