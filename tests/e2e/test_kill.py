#!/usr/bin/env python3
"""`kill -9` at random moments of bulk work: what was answered is there, what was not is whole or
absent, and the log folds to the same state. Prints its seed; KITH_SEED replays the moments."""
import os
import random
import shutil
import tempfile
import threading
import time
import unittest
from pathlib import Path

from kith import DONE, Kith, jsonl, place_line

SEED = int(os.environ.get("KITH_SEED", random.randrange(1 << 32)))
KILLS = 200
LANES = 2          # at once
KILLS_A_HOME = 10  # then a fresh replica, so that checking stays quick
LINES = 4000       # more than a process gets through before it is killed
PARTS = 3          # records of a "records" line


def setUpModule():
    print(f"KITH_SEED={SEED}", flush=True)


def line(name, number):
    """Places, families of places, and edits of the replica's first place, in turns."""
    if number % 3 == 0:
        return {"records": [place_line(f"{name}/{number}/{part}") for part in range(PARTS)]}
    if number % 3 == 1:
        return {"id": "2", "fields": {"households": number}}
    return place_line(f"{name}/{number}")


class Lane:
    """Replicas that are killed one time after the other."""

    def __init__(self, folder, seed):
        self.folder = Path(folder)
        self.random = random.Random(seed)
        self.answered = {}  # name of a place -> how many records of it
        self.killed_at_work = 0
        self.problem = None

    def run(self):
        try:
            for number in range(KILLS // LANES):
                if number % KILLS_A_HOME == 0:
                    self.begin(number)
                self.kill_once(number)
                self.check(number)
        except BaseException as problem:  # noqa: told by the test, on the main thread
            self.problem = problem

    def begin(self, number):
        shutil.rmtree(self.folder / "home", ignore_errors=True)
        self.kith = Kith(self.folder / "home").init()
        self.kith.place("first")
        self.answered = {}

    def kill_once(self, number):
        """Ids go to a file: each is there as soon as the process has written it."""
        lines = self.folder / "lines"
        lines.write_bytes(jsonl(*[line(number, n) for n in range(LINES)]))
        answers = self.folder / "answers"
        moment = self.random.uniform(0, self.random.choice((0.01, 0.05, 0.2)))
        with open(lines, "rb") as source, open(answers, "wb") as target:
            process = self.kith.start("add", "-", stdin=source, stdout=target)
            time.sleep(moment)
            process.kill()
            err = process.communicate()[1]
        assert err == b"", err
        assert process.returncode == -9, "the process came to its end before it was killed"
        whole = answers.read_bytes().rpartition(b"\n")[0].decode("utf-8").split()
        self.note_answers(number, whole)

    def note_answers(self, number, ids):
        position = 0
        self.households = 0
        for n in range(LINES):
            count = PARTS if n % 3 == 0 else 1
            if position + count > len(ids):
                break
            position += count
            if n % 3 == 1:
                self.households = n
            else:
                self.answered[f"{number}/{n}"] = count
        self.killed_at_work += position > 0

    def check(self, number):
        answer = self.kith.run("check", "--rebuild")
        assert answer.code == DONE, f"kill {number}: {answer}"
        counts = {}
        for record in self.kith.list("place"):
            name = "/".join(record["fields"]["name"].split("/")[:2])
            counts[name] = counts.get(name, 0) + 1
            if name == "first":
                kept = record["fields"].get("households", 0)
                assert kept >= self.households, f"kill {number}: {kept} < {self.households}"
        lost = {n: c for n, c in self.answered.items() if counts.get(n) != c}
        assert not lost, f"kill {number}: answered and not there: {lost}"
        torn = {n: c for n, c in counts.items()
                if n != "first" and int(n.split("/")[1]) % 3 == 0 and c != PARTS}
        assert not torn, f"kill {number}: in part there: {torn}"


class Kill(unittest.TestCase):
    def test_a_process_killed_at_any_moment__loses_nothing_it_answered(self):
        moments = random.Random(SEED)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="kith-") as folder:
            lanes = []
            for number in range(LANES):
                (Path(folder) / str(number)).mkdir()
                lanes.append(Lane(Path(folder) / str(number), moments.randrange(1 << 32)))
            threads = [threading.Thread(target=lane.run) for lane in lanes]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        for lane in lanes:
            if lane.problem is not None:
                raise lane.problem
        at_work = sum(lane.killed_at_work for lane in lanes)
        print(f"{KILLS} kills, {at_work} of them at work, "
              f"{time.monotonic() - started:.0f} s", flush=True)
        self.assertGreater(at_work, KILLS // 4)


if __name__ == "__main__":
    unittest.main()
