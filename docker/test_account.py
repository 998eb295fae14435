#!/usr/bin/env python3
"""Tests of account.py: each kind of fault is made, and must be seen."""

import contextlib
import hashlib
import io
import os
import re
import shutil
import tempfile
import unittest
import warnings
import zipfile

import account


class AccountTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory)
        self.base = os.path.join(self.directory, "base")
        os.mkdir(self.base)
        self.lines = []

    def says(self, kind, archive, entry, contents, *reason):
        digest = hashlib.sha256(contents).hexdigest()
        self.lines.append("\t".join([kind, archive, entry, str(len(contents)), digest, *reason]) + "\n")

    def deposit(self, archive, entry, contents, end="done"):
        self.says("sent", archive, entry, contents)
        if end == "done":
            self.says("done", archive, entry, contents)
        elif end == "failed":
            self.says("failed", archive, entry, contents, "the connection was lost")

    def archive(self, path, *entries):
        path = os.path.join(self.base, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as opened:
            warnings.simplefilter("ignore")
            for name, contents in entries:
                opened.writestr(name, contents)
        return path

    def run_it(self):
        """The exit status, the figures of the line, and what is named."""
        path = os.path.join(self.directory, "account")
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(self.lines)
        printed, named = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(named):
            try:
                status = account.main([self.base, path])
            except SystemExit as e:
                return e.code, {}, named.getvalue()
        self.assertEqual(1, printed.getvalue().count("\n"))
        figures = {k: int(v) for k, v in re.findall(r"([\w-]+) (\d+)", printed.getvalue())}
        return status, figures, named.getvalue()

    def expect(self, status, **figures):
        actual, found, named = self.run_it()
        self.assertEqual(status, actual, named)
        expected = {"lost": 0, "doubled": 0, "alien": 0, "torn": 0}
        expected.update({k.replace("_", "-"): v for k, v in figures.items()})
        self.assertEqual(expected, {k: found[k] for k in expected}, named)
        return named

    def test_nothing_is_wrong(self):
        self.deposit("a.zip", "n/1.dat", b"one")
        self.deposit("d/b.zip", "n/2", b"two")
        self.deposit("a.zip", "n/ü.dat", b"three")
        self.archive("a.zip", ("n/1.dat", b"one"), ("n/ü.dat", b"three"))
        self.archive("d/b.zip", ("n/2", b"two"))
        self.archive(".sheaf/inbox/a.zip/w-1.zip", ("n/1.dat", b"one"))
        self.expect(0, sent=3, answered=3, found=3, archives=2)

    def test_what_was_not_answered_may_be_there_once_or_not(self):
        self.deposit("a.zip", "1", b"there", end="failed")
        self.deposit("a.zip", "2", b"not there", end="failed")
        self.deposit("a.zip", "3", b"there too", end="")
        self.deposit("a.zip", "4", b"not there either", end="")
        self.archive("a.zip", ("1", b"there"), ("3", b"there too"))
        self.expect(0, sent=4, answered=0, found=2, unanswered_but_there=2)

    def test_names_that_are_deposited_again_and_archives_that_are_rolled(self):
        for contents in b"first", b"second", b"third":
            self.deposit("a.zip", "n/1.dat", contents)
        self.deposit("a.zip", "n/x~2.dat", b"its own name")
        self.deposit("a-7.zip", "1", b"its own archive")
        self.archive("a-0.zip", ("n/1~2.dat", b"first"), ("n/x~2.dat", b"its own name"))
        self.archive("a.zip", ("n/1.dat", b"second"), ("n/1~3.dat", b"third"))
        self.archive("a-7.zip", ("1", b"its own archive"))
        self.expect(0, found=5, archives=3)

    def test_lost(self):
        self.deposit("a.zip", "1", b"one")
        self.deposit("a.zip", "2", b"two")
        self.archive("a.zip", ("1", b"one"))
        self.assertIn("lost: a.zip/2", self.expect(1, lost=1))

    def test_lost_with_other_contents_under_the_name(self):
        self.deposit("a.zip", "1", b"one")
        self.archive("a.zip", ("1", b"another"))
        self.expect(1, lost=1, alien=1)

    def test_lost_of_two_under_one_name(self):
        self.deposit("a.zip", "1", b"one")
        self.deposit("a.zip", "1", b"two")
        self.archive("a.zip", ("1", b"two"))
        self.expect(1, lost=1)

    def test_lost_with_its_archive(self):
        self.deposit("a.zip", "1", b"one")
        self.expect(1, lost=1, archives=0)

    def test_doubled_under_another_number(self):
        self.deposit("a.zip", "1.dat", b"one")
        self.archive("a.zip", ("1.dat", b"one"), ("1~2.dat", b"one"))
        self.assertIn("doubled: a.zip/1.dat", self.expect(1, doubled=1))

    def test_doubled_in_another_volume(self):
        self.deposit("a.zip", "1", b"one")
        self.archive("a-0.zip", ("1", b"one"))
        self.archive("a.zip", ("1", b"one"))
        self.expect(1, doubled=1)

    def test_doubled_without_an_answer(self):
        self.deposit("a.zip", "1", b"one", end="failed")
        self.archive("a.zip", ("1", b"one"), ("1~2", b"one"))
        self.expect(1, doubled=1, unanswered_but_there=1)

    def test_two_records_of_one_name(self):
        self.deposit("a.zip", "1", b"one")
        self.deposit("a.zip", "1", b"two")
        self.archive("a.zip", ("1", b"one"), ("1", b"two"))
        self.assertIn("2 records of 1", self.expect(1, doubled=1))

    def test_alien(self):
        self.deposit("a.zip", "1", b"one")
        self.archive("a.zip", ("1", b"one"), ("2", b"who is that"))
        self.archive("other.zip", ("1", b"one"))
        self.assertIn("alien: other.zip/1", self.expect(1, alien=2))

    def test_torn_contents(self):
        self.deposit("a.zip", "1", b"a text that is long enough to be found")
        path = self.archive("a.zip", ("1", b"a text that is long enough to be found"))
        with open(path, "r+b") as file:
            at = file.read().index(b"long enough")
            file.seek(at)
            file.write(b"LONG")
        status, found, named = self.run_it()
        self.assertEqual((1, 1), (status, found["lost"]), named)
        self.assertGreaterEqual(found["torn"], 1)

    def test_torn_archive(self):
        self.deposit("a.zip", "1", b"one")
        path = self.archive("a.zip", ("1", b"one"))
        os.truncate(path, os.path.getsize(path) - 10)
        status, found, named = self.run_it()
        self.assertEqual((1, 1), (status, found["lost"]), named)
        self.assertGreaterEqual(found["torn"], 1)

    def test_a_line_that_was_cut_off_counts_as_not_written(self):
        self.deposit("a.zip", "1", b"one", end="")
        self.lines.append("done\ta.zip\t1\t3\tabc")
        self.archive("a.zip", ("1", b"one"))
        self.assertIn("not a whole line", self.expect(0, answered=0, unanswered_but_there=1))

    def test_an_account_that_proves_nothing_is_refused(self):
        self.archive("a.zip", ("1", b"one"))
        self.assertEqual(2, self.run_it()[0])
        self.says("done", "a.zip", "1", b"one")
        self.assertEqual(2, self.run_it()[0])


if __name__ == "__main__":
    unittest.main()
