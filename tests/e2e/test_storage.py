#!/usr/bin/env python3
"""Storage that fails: folders that cannot be written, full disks, files that are no replica or a
newer one, damage. Nothing that was answered is lost, and nothing crashes."""
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from kith import (COMMAND, DAMAGED, DONE, NOT_FOUND, REFUSED, Kith, KithCase, jsonl, place_line)

NOBODY = 65534
SEED = int(os.environ.get("KITH_SEED", random.randrange(1 << 32)))


def setUpModule():
    print(f"KITH_SEED={SEED}", flush=True)


def nobody_may_run():
    """Whether another user could run the command at all."""
    if os.geteuid() != 0:
        return False
    try:
        return subprocess.run([COMMAND, "--version"], user=NOBODY, group=NOBODY, cwd="/",
                              extra_groups=[], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


class ReadOnly(KithCase):
    def setUp(self):
        super().setUp()
        self.record = self.kith.place()
        self.rights = {"user": NOBODY, "group": NOBODY, "extra_groups": []} \
            if os.geteuid() == 0 else {}
        if self.rights and not nobody_may_run():
            self.skipTest("nobody else may run the command")
        self.folder.chmod(0o755)
        self.close()
        self.addCleanup(self.kith.home.chmod, 0o755)

    def close(self):
        for file in self.kith.home.iterdir():
            file.chmod(0o444)
        self.kith.home.chmod(0o555)

    def test_a_folder_that_cannot_be_written__is_named_and_left_alone(self):
        for words in (["add", "place", "name=x", "type=village"], ["set", "2", "name=x"],
                      ["remove", "2"], ["undo"]):
            answer = self.kith.run(*words, **self.rights)
            self.check_complaint(answer, REFUSED, str(self.kith.home), "cannot be written")
            answer = self.kith.run("--json", *words, **self.rights)
            self.assertEqual(answer.error["status"], "KITH_E_READ_ONLY", answer)
        self.assertEqual(self.kith.names(), ["Umsning"])

    def test_a_folder_that_cannot_be_written__can_be_read_or_says_so(self):
        answer = self.kith.run("--json", "list", "place", **self.rights)
        if answer.code == DONE:
            self.assertEqual(len(answer.lines), 1)
        else:
            self.assertEqual(answer.error["status"], "KITH_E_READ_ONLY", answer)

    def test_a_stream_into_it__is_refused(self):
        answer = self.kith.run("add", "-", stdin=jsonl(place_line("x")), **self.rights)
        self.check_complaint(answer, REFUSED, "cannot be written")

    def test_a_folder_that_cannot_be_entered__is_refused(self):
        self.kith.home.chmod(0o000)
        answer = self.kith.run("list", "place", **self.rights)
        self.check_complaint(answer, REFUSED, str(self.kith.home))

    def test_an_unreadable_file__is_refused_and_named(self):
        self.kith.home.chmod(0o755)
        for file in self.kith.home.iterdir():
            file.chmod(0o600)
        secret = self.folder / "secret"
        secret.write_text("{}\n")
        secret.chmod(0o000)
        os.chown(self.kith.home, NOBODY, NOBODY) if self.rights else None
        for file in self.kith.home.iterdir():
            os.chown(file, NOBODY, NOBODY) if self.rights else None
        for words in (["import", "jsonl", str(secret)], ["schema", "add", str(secret)],
                      ["set", "2", f"remarks=@{secret}"]):
            with self.subTest(words=words):
                answer = self.kith.run(*words, **self.rights)
                self.check_complaint(answer, REFUSED, str(secret))

    def test_init__where_nothing_can_be_made_is_refused(self):
        answer = self.kith.run("--home", str(self.kith.home / "new"), "init", **self.rights)
        self.check_complaint(answer, REFUSED, str(self.kith.home))


class Full(KithCase):
    """A disk of 400 KB, filled by the replica itself or by others."""

    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(self.disk)]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
            self.skipTest("no disk of our own can be mounted")
        self.addCleanup(subprocess.run, ["umount", str(self.disk)], check=True)

    def fill(self, spare=0):
        """Leaves no room but for some pages."""
        ballast = self.disk / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                os.truncate(ballast, max(0, ballast.stat().st_size - spare))
        return ballast

    def check_all_there(self, kith, ids):
        self.assertEqual(kith.run("check", "--rebuild").code, DONE)
        self.assertLessEqual(set(ids), {record["id"] for record in kith.list("place")})

    def test_a_stream__ends_clearly_and_keeps_all_it_answered(self):
        kith = Kith(self.disk / "home").init()
        ballast = self.fill(spare=120_000)
        answer = kith.run("add", "-", stdin=jsonl(*[place_line(f"v{n}") for n in range(5000)]))
        ids = answer.text.split()
        self.assertEqual(answer.code, REFUSED, answer)
        self.assertRegex(answer.complaint, r"^kith: .*full.*; free some space.*\n$")
        self.assertLess(len(ids), 5000)
        ballast.unlink()
        self.check_all_there(kith, ids)
        kith.place("after")
        self.assertIn("after", kith.names())

    def test_a_single_change__is_refused_and_changes_nothing(self):
        kith = Kith(self.disk / "home").init()
        ids = [kith.place(f"v{n}") for n in range(3)]
        ballast = self.fill()
        for words in (["add", "place", "name=x", "type=village", "remarks=" + "y" * 30_000],
                      ["set", ids[0], "remarks=" + "y" * 30_000]):
            answer = kith.run(*words)
            self.check_complaint(answer, REFUSED, "free some space")
        ballast.unlink()
        self.assertEqual(sorted(kith.names()), ["v0", "v1", "v2"])
        self.check_all_there(kith, ids)

    def test_what_is_there__can_still_be_read(self):
        kith = Kith(self.disk / "home").init()
        kith.place("a")
        self.fill()
        self.assertEqual(kith.names(), ["a"])

    def test_an_import__keeps_whole_batches_and_goes_on_later(self):
        kith = Kith(self.disk / "home").init()
        lines = jsonl(*[place_line(f"v{n}") for n in range(4000)])
        answer = kith.run("--json", "import", "jsonl", "-", stdin=lines)
        self.assertEqual(answer.code, REFUSED, answer)
        self.assertEqual(answer.error["status"], "KITH_E_FULL", answer)
        kept = len(kith.list("place"))
        self.assertEqual(answer.object["added"], kept, answer)
        subprocess.run(["mount", "-o", "remount,size=20m", str(self.disk)], check=True)
        self.assertEqual(kith.json("import", "jsonl", "-", stdin=lines)["added"], 4000 - kept)
        self.assertEqual(len(kith.list("place")), 4000)
        kith.must("check", "--rebuild")

    def test_an_init__that_finds_no_room_can_be_repeated(self):
        for spare in (0, 4096, 40_000, 80_000, 120_000):
            with self.subTest(spare=spare):
                home = self.disk / f"home{spare}"
                ballast = self.fill(spare)
                answer = Kith(home).run("init")
                ballast.unlink()
                if answer.code != DONE:
                    self.check_complaint(answer, REFUSED, "space")
                    Kith(home).init()
                Kith(home).must("check")
                shutil.rmtree(home)

    def test_an_export__to_a_full_disk_is_a_failure(self):
        lines = jsonl(*[place_line(f"v{n}") for n in range(3000)])
        self.kith.must("import", "jsonl", "-", stdin=lines)
        self.fill(spare=40_000)
        for words in (["export", "jsonl"], ["export", "csv", "place"]):
            answer = self.kith.run(*words, "--output", str(self.disk / "out"))
            self.check_complaint(answer, REFUSED, "space")
        self.assertEqual([file.name for file in self.disk.iterdir()], ["ballast"])


class Limited(KithCase):
    """Where no disk can be mounted: a limit on the size of files fails writes in a like way."""

    def test_a_stream__ends_clearly_and_keeps_all_it_answered(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
        lines = jsonl(*[place_line(f"v{n}") for n in range(5000)])
        answer = self.kith.run("add", "-", stdin=lines, preexec_fn=limit)
        self.assertEqual(answer.code, REFUSED, answer)
        ids = answer.text.split()
        self.assertGreater(len(ids), 0)
        self.assertLessEqual(set(ids), {record["id"] for record in self.kith.list("place")})
        self.kith.must("check", "--rebuild")
        self.kith.place("after")


class Foreign(KithCase):
    def database(self):
        return self.kith.home / "kith.db"

    def check_left_alone(self, code, *parts):
        """Every command says so and the file stays as it is."""
        before = self.database().read_bytes()
        for words in (["status"], ["list", "place"], ["add", "place", "name=x", "type=village"],
                      ["check"], ["check", "--rebuild"], ["export", "jsonl"]):
            with self.subTest(words=words):
                self.check_complaint(self.kith.run(*words), code, *parts)
                self.assertEqual(self.database().read_bytes()[:4096], before[:4096])
        answer = self.kith.run("init")
        self.assertIn(answer.code, (REFUSED, DAMAGED), answer)
        self.assertNotIn("report this", answer.complaint)
        self.assertEqual(self.database().read_bytes(), before)

    def test_a_database_from_a_newer_version__is_refused_and_left_alone(self):
        self.kith.place()
        with sqlite3.connect(self.database()) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            db.execute("PRAGMA user_version = 99")
        db.close()
        self.check_left_alone(REFUSED, "99", "update")
        self.assertEqual(self.kith.run("--json", "status").error["status"], "KITH_E_NEWER")
        with sqlite3.connect(self.database()) as db:
            db.execute(f"PRAGMA user_version = {version}")
        db.close()
        self.assertEqual(self.kith.names(), ["Umsning"])

    def test_a_file_that_is_no_database__is_damage_and_left_alone(self):
        for content in (b"hello\n" * 1000, b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 5000):
            with self.subTest(content=content[:20]):
                self.database().write_bytes(content)
                self.check_left_alone(DAMAGED)

    def test_a_database_of_another_program__is_left_alone(self):
        self.database().unlink()
        with sqlite3.connect(self.database()) as db:
            db.execute("CREATE TABLE record(id INTEGER PRIMARY KEY, state BLOB)")
        db.close()
        self.check_left_alone(DAMAGED)

    def test_an_empty_file__can_be_made_a_replica(self):
        self.database().write_bytes(b"")
        answer = self.kith.run("status")
        self.assertIn(answer.code, (NOT_FOUND, DAMAGED), answer)
        self.kith.init()

    def test_a_folder_in_the_place_of_the_database__is_refused(self):
        self.database().unlink()
        self.database().mkdir()
        for words in (["status"], ["init"]):
            answer = self.kith.run(*words)
            self.assertIn(answer.code, (REFUSED, NOT_FOUND, DAMAGED), answer)


class Damage(KithCase):
    """Bytes that change on the disk. Each check of the whole must see what a reader would see."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        family = [{"kind": "person", "fields": {
            "full_name": f"Person {n}", "roles": ["migrant"], "sex": "female", "age_at": n % 90,
            "status": "unknown", "remarks": f"told in village {n * 7919 % 1000} " * 8}}
            for n in range(300)]
        self.kith.must("import", "jsonl", "-", stdin=jsonl(*family))
        edits = [{"id": str(2 + n), "fields": {"age_at": (n + 1) % 90}} for n in range(0, 300, 3)]
        self.kith.must("set", "-", stdin=jsonl(*edits))
        self.kith.must("check", "--rebuild")
        self.whole = self.kith.must("export", "jsonl").out
        self.bytes = (self.kith.home / "kith.db").read_bytes()

    def spoil(self, places):
        """A replica of its own with other bytes at some places."""
        home = self.folder / "spoilt"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        content = bytearray(self.bytes)
        for place in places:
            content[place] ^= self.random.randrange(1, 256)
        (home / "kith.db").write_bytes(content)
        return Kith(home)

    def read_all(self, kith):
        """Every way of reading: it answers, or refuses with one clear error."""
        for words in (["status"], ["list", "person"], ["show", "2"], ["find", "village"], ["log"],
                      ["conflicts"], ["export", "jsonl"], ["add", "place", "name=x", "type=town"]):
            answer = kith.run(*words)
            self.assertIn(answer.code, (DONE, REFUSED, NOT_FOUND, DAMAGED), answer)
            if answer.code != DONE:
                self.assertRegex(answer.complaint, r"^kith: .*: .+\n$", answer)

    def test_flipped_bytes__never_crash_anything(self):
        for round_ in range(100):
            places = [self.random.randrange(len(self.bytes)) for _ in range(1 + round_ % 4)]
            with self.subTest(places=places):
                self.read_all(self.spoil(places))

    def test_flipped_bytes__are_seen_by_check_if_they_change_an_answer(self):
        unseen = []
        for _ in range(100):
            place = self.random.randrange(len(self.bytes))
            kith = self.spoil([place])
            code = kith.run("check").code
            self.assertIn(code, (DONE, REFUSED, DAMAGED), place)
            export = kith.run("export", "jsonl")
            if code == DONE and (export.code != DONE or export.out != self.whole):
                unseen.append(place)
        self.assertEqual(unseen, [])

    def test_a_rebuild__repairs_or_says_damaged_and_keeps_what_was_right(self):
        spoilt = []
        for _ in range(100):
            place = self.random.randrange(len(self.bytes))
            kith = self.spoil([place])
            right = kith.run("export", "jsonl").out == self.whole
            first = kith.run("check", "--rebuild")
            self.assertIn(first.code, (DONE, REFUSED, DAMAGED), first)
            export = kith.run("export", "jsonl")
            if export.code == DONE and export.out != self.whole and \
                    (right or kith.run("check").code == DONE):
                spoilt.append((place, right))
        self.assertEqual(spoilt, [])

    def test_a_cut_database__is_damage(self):
        for length in (len(self.bytes) // 2, len(self.bytes) - 4096, 4096, 100):
            with self.subTest(length=length):
                kith = self.spoil([])
                (kith.home / "kith.db").write_bytes(self.bytes[:length])
                self.check_complaint(kith.run("check"), DAMAGED)
                self.read_all(kith)

    def test_pages_of_zeros__are_damage_or_harmless(self):
        for number in range(1, len(self.bytes) // 4096, 4):
            with self.subTest(page=number):
                kith = self.spoil([])
                content = bytearray(self.bytes)
                content[number * 4096:number * 4096 + 4096] = bytes(4096)
                (kith.home / "kith.db").write_bytes(content)
                code = kith.run("check").code
                self.assertIn(code, (DONE, DAMAGED))
                if code == DONE:
                    self.assertEqual(kith.run("export", "jsonl").out, self.whole)


class Interrupted(KithCase):
    def test_an_init_that_is_killed__can_be_repeated(self):
        stuck = []
        for round_ in range(40):
            home = self.folder / f"new{round_}"
            process = Kith(home).start("init")
            time.sleep(round_ % 20 * 0.0005)
            process.kill()
            process.communicate()
            answer = Kith(home).run("status")
            if answer.code != DONE and Kith(home).run("init").code != DONE:
                stuck.append(round_)
            shutil.rmtree(home, ignore_errors=True)
        self.assertEqual(stuck, [])


class Together(KithCase):
    def test_four_processes_that_write_at_once__lose_nothing(self):
        lines = [jsonl(*[place_line(f"v{p}-{n}") for n in range(200)]) for p in range(4)]
        files = [self.kith.write(f"lines{p}", lines[p]) for p in range(4)]
        processes = []
        for path in files:
            with open(path, "rb") as file:
                processes.append(self.kith.start("add", "-", stdin=file))
        ids = []
        for process in processes:
            out, err = process.communicate(timeout=200)
            self.assertEqual((process.returncode, err), (DONE, b""))
            ids += out.decode().split()
        self.assertEqual(len(set(ids)), 800)
        self.assertEqual(sorted(self.kith.names()),
                         sorted(f"v{p}-{n}" for p in range(4) for n in range(200)))
        self.kith.must("check", "--rebuild")

    def test_a_reader_beside_a_writer__sees_whole_changes(self):
        pairs = [{"records": [place_line(f"a{n}"), place_line(f"b{n}")]} for n in range(500)]
        with open(self.kith.write("lines", jsonl(*pairs)), "rb") as file:
            writer = self.kith.start("add", "-", stdin=file, stdout=subprocess.DEVNULL)
        while writer.poll() is None:
            names = self.kith.names()
            self.assertEqual({n[1:] for n in names if n[0] == "a"},
                             {n[1:] for n in names if n[0] == "b"})
        writer.communicate()
        self.assertEqual(len(self.kith.names()), 1000)

    def test_a_writer_that_waits__gives_up_clearly_and_changes_nothing(self):
        holder = sqlite3.connect(self.kith.home / "kith.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            answer = self.kith.run("add", "place", "name=x", "type=village")
            self.check_complaint(answer, REFUSED, "try again")
        finally:
            holder.execute("ROLLBACK")
            holder.close()
        self.assertEqual(self.kith.names(), [])


if __name__ == "__main__":
    unittest.main()
