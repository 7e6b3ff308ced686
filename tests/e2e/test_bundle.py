#!/usr/bin/env python3
"""Bundles through real processes: from phone to phone without a relay, through the hands of
strangers, damaged, in any order, and on to the relay by whoever has a network."""
import os
import random
import signal
import subprocess
import time
import unittest

from kith import DAMAGED, DONE, NOT_FOUND, REFUSED, USAGE, KithCase, jsonl, place_line
from test_sync import SyncCase

SEED = int(os.environ.get("KITH_SEED", random.randrange(1 << 32)))
KILLS = int(os.environ.get("KITH_KILLS", "50"))


def setUpModule():
    print(f"KITH_SEED={SEED}", flush=True)


class BundleCase(KithCase):
    def export(self, device, *options, name="work.kithb"):
        path = self.folder / name
        device.must("bundle", "export", path, *options)
        return path

    def hand(self, giver, taker):
        """All that one has for the other; what came of it."""
        return taker.json("bundle", "import", self.export(giver))

    def check_level(self, *devices):
        self.assertEqual(len({device.state() for device in devices}), 1)
        for device in devices:
            self.assertEqual(device.json("status")["space"]["set_aside"], 0)


class AloneCase(BundleCase):
    """An office that has founded a space which no relay knows."""

    def setUp(self):
        super().setUp()
        self.office = self.kith
        self.office.must("space", "create", "Hills")

    def joiner(self, name, *role):
        """A device that joins and has what the office has, of which the office does not know."""
        device = self.replica(name)
        invite = self.office.must("invite", *role).text.strip()
        self.assertIn("bundle", device.must("join", invite).text)
        self.hand(self.office, device)
        return device

    def member(self, name):
        device = self.joiner(name)
        self.hand(device, self.office)
        self.hand(self.office, device)
        return device

    def device_id(self, name):
        return next(device["id"] for device in self.office.must("--json", "device", "list").lines
                    if device["name"] == name)


class TestWithoutRelay(AloneCase):
    def test_a_space_lives_by_files_alone(self):
        asha, banri = self.member("asha"), self.member("banri")
        asha.place("Adung")
        banri.place("Bishing")
        self.hand(asha, banri)
        self.hand(banri, self.office)
        self.hand(self.office, asha)
        self.hand(self.office, banri)
        self.assertEqual(sorted(self.office.names()), ["Adung", "Bishing"])
        self.check_level(self.office, asha, banri)
        self.assertEqual(asha.json("status")["space"]["role"], "worker")

    def test_any_order_and_any_number_of_times(self):
        asha = self.member("asha")
        files = []
        for number in range(5):
            self.office.place(f"Village {number}")
            files.append(self.export(self.office, name=f"{number}.kithb"))
        source = random.Random(SEED)
        for _ in range(3):
            source.shuffle(files)
            for file in files:
                asha.must("bundle", "import", file)
        self.assertEqual(len(asha.names()), 5)
        self.check_level(self.office, asha)

    def test_only_what_is_new_goes_to_a_device_that_said_what_it_has(self):
        asha = self.member("asha")
        self.office.must("add", "-", stdin=jsonl(*[place_line(f"{n} {random.Random(n).random()}")
                                                   for n in range(500)]))
        self.hand(self.office, asha)
        self.hand(asha, self.office)
        whole = self.export(self.office).stat().st_size
        self.office.place("New")
        path = self.export(self.office, "--for", self.device_id("asha"))
        self.assertLess(path.stat().st_size, whole / 4)
        asha.must("bundle", "import", path)
        self.assertEqual(len(asha.names()), 501)
        self.check_level(self.office, asha)

    def test_a_reader_that_wrote_nothing_is_named_by_its_key(self):
        reader = self.joiner("reader", "--role", "reader")
        self.hand(reader, self.office)
        self.office.place("Adung")
        self.hand(self.office, reader)
        self.hand(reader, self.office)
        self.office.place("Bishing")
        key = self.office.must("--json", "device", "list").lines[1]["key"]
        done = self.office.must("--json", "bundle", "export", self.folder / "for.kithb", "--for",
                                "key:" + key[:8])
        self.assertGreater(done.lines[0]["left_out"], 0)
        reader.must("bundle", "import", self.folder / "for.kithb")
        self.assertEqual(sorted(reader.names()), ["Adung", "Bishing"])

    def test_a_device_is_taken_out_without_a_relay(self):
        asha, banri = self.member("asha"), self.member("banri")
        self.hand(self.office, banri)
        self.office.must("device", "revoke", self.device_id("asha"))
        self.office.place("Secret")
        self.hand(self.office, asha)
        self.hand(self.office, banri)
        self.assertEqual(asha.names(), [])
        self.assertEqual(banri.names(), ["Secret"])
        asha.place("Late")
        answer = banri.run("bundle", "import", self.export(asha))
        self.assertEqual(answer.code, DONE, answer)
        self.assertEqual(banri.names(), ["Secret"])

    def test_the_file_tells_no_name(self):
        self.office.person("Ibanri Lyngdoh")
        content = self.export(self.office).read_bytes()
        for word in (b"Ibanri", b"Lyngdoh", b"Hills", b"home"):
            self.assertNotIn(word, content)

    def test_the_file_is_the_writers_alone_and_comes_whole_or_not_at_all(self):
        path = self.export(self.office)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        before = path.read_bytes()
        self.check_complaint(self.office.run("bundle", "export", self.folder / "none" / "x"),
                             NOT_FOUND, "No such file")
        self.assertEqual(path.read_bytes(), before)
        self.assertEqual([p.name for p in self.folder.glob("work.kithb*")], ["work.kithb"])

    def test_standard_input_is_a_file_too(self):
        asha = self.member("asha")
        self.office.place("Adung")
        asha.must("bundle", "import", "-", stdin=self.export(self.office).read_bytes())
        self.assertEqual(asha.names(), ["Adung"])


class TestDamage(AloneCase):
    def setUp(self):
        super().setUp()
        self.asha = self.joiner("asha")
        for name in ("Adung", "Bishing", "Chug"):
            self.office.place(name)
            self.path = self.export(self.office)
        self.whole = self.path.read_bytes()

    def take(self, content):
        return self.asha.run("bundle", "import", self.kith.write("other.kithb", content))

    def check_whole(self):
        self.assertEqual(self.take(self.whole).code, DONE)
        self.assertEqual(sorted(self.asha.names()), ["Adung", "Bishing", "Chug"])
        self.assertEqual(self.asha.json("status")["space"]["set_aside"], 0)

    def test_what_stands_whole_in_a_cut_off_file_is_taken(self):
        answer = self.take(self.whole[:-200])
        self.assertEqual(answer.code, DAMAGED, answer)
        self.assertRegex(answer.complaint, r"^kith: .*damaged at byte \d+; .*; have it written")
        self.assertIn("Adung", self.asha.names())
        self.check_whole()

    def test_damage_is_told_wherever_it_is(self):
        source = random.Random(SEED)
        for _ in range(30):
            changed = bytearray(self.whole)
            changed[source.randrange(8, len(changed))] ^= 1 << source.randrange(8)
            answer = self.take(bytes(changed))
            self.assertNotEqual(answer.code, DONE, answer)
        self.check_whole()

    def test_other_files_are_refused(self):
        source = random.Random(SEED)
        for content in (b"", b"KITHBDL", b'{"kind": "place"}\n', b"\0" * 100_000,
                        source.randbytes(50_000)):
            answer = self.take(content)
            self.check_complaint(answer, REFUSED, "this is no bundle")
        self.check_complaint(self.take(b"KITHBDL9" + self.whole[8:]), REFUSED, "later version")
        answer = self.take(self.whole[:8] + source.randbytes(50_000))
        self.assertEqual(answer.code, DAMAGED, answer)
        answer = self.asha.run("--json", "bundle", "import", self.kith.write("x", b"nothing"))
        self.assertEqual(answer.error["status"], "KITH_E_SYNTAX")
        self.check_whole()

    def test_wrong_words_are_told(self):
        place = self.office.place()
        self.hand(self.office, self.asha)
        for words, code, part in (
                (("bundle",), USAGE, "is needed"),
                (("bundle", "export"), USAGE, "is needed"),
                (("bundle", "carry", "x"), USAGE, "is needed"),
                (("bundle", "import", "x", "--for", "2"), USAGE, "is needed"),
                (("bundle", "import", "x", "--go-on"), USAGE, "is needed"),
                (("bundle", "import", "nowhere"), NOT_FOUND, "No such file"),
                (("bundle", "import", self.folder), REFUSED, "Is a directory"),
                (("bundle", "export", "x", "--for", "99"), NOT_FOUND, "no record"),
                (("bundle", "export", "x", "--for", place), NOT_FOUND, "no such device")):
            with self.subTest(words):
                self.check_complaint(self.asha.run(*words), code, part)
        alone = self.replica("alone")
        self.check_complaint(alone.run("bundle", "export", self.folder / "x"), REFUSED,
                             "nothing to carry")
        self.assertFalse((self.folder / "x").exists())


class TestStrangers(AloneCase):
    def setUp(self):
        super().setUp()
        self.asha = self.joiner("asha")
        self.hand(self.asha, self.office)

    def test_a_device_of_another_space_carries_unread_both_ways(self):
        driver = self.replica("driver")
        driver.must("space", "create", "Plains")
        driver.place("Ours")
        self.office.place("Adung")
        taken = self.hand(self.office, driver)
        self.assertFalse(taken["own"])
        self.assertGreater(taken["carried"], 0)
        self.assertEqual(driver.names(), ["Ours"])
        status = driver.json("status")
        self.assertEqual(status["carried"]["spaces"], 1)
        self.assertIn("carries", driver.must("status").text)
        self.hand(driver, self.asha)
        self.assertEqual(self.asha.names(), ["Adung"])
        self.assertEqual(self.asha.json("status")["carried"]["spaces"], 1)  # of the plains
        self.asha.place("Bishing")
        self.hand(self.asha, driver)
        self.hand(driver, self.office)
        self.assertEqual(sorted(self.office.names()), ["Adung", "Bishing"])
        driver.must("bundle", "forget")
        self.assertEqual(driver.json("status")["carried"]["bytes"], 0)

    def test_whoever_joins_reads_what_it_carried(self):
        late = self.replica("late")
        self.office.place("Adung")
        invite = self.office.must("invite").text.strip()
        self.hand(self.office, late)
        late.must("join", invite)
        self.assertEqual(late.names(), ["Adung"])
        self.assertEqual(late.json("status")["carried"]["segments"], 0)
        self.hand(late, self.office)
        self.hand(self.office, late)
        self.check_level(late, self.office)


class TestSeveralSpaces(BundleCase):
    """A device in two spaces writes one file, and takes one in, for both."""

    def setUp(self):
        super().setUp()
        self.hills, self.plains, self.worker = self.kith, self.replica("p"), self.replica("w")
        for office, name in ((self.hills, "Hills"), (self.plains, "Plains")):
            office.must("space", "create", name)
            self.worker.must("join", office.must("invite").text.strip())
            self.hand(office, self.worker)
            self.hand(self.worker, office)
            self.hand(office, self.worker)

    def test_one_file_holds_both(self):
        for space, name in (("Hills", "Adung"), ("Plains", "Bishing")):
            self.worker.must("--space", space, "add", "place", f"name={name}", "type=village")
        path = self.export(self.worker)
        for office in (self.hills, self.plains):
            office.must("bundle", "import", path)
        self.assertEqual((self.hills.names(), self.plains.names()), (["Adung"], ["Bishing"]))

    def test_each_space_finds_what_is_its_own(self):
        self.hills.place("Adung")
        self.hand(self.hills, self.plains)  # which carries it
        self.plains.place("Bishing")
        self.assertEqual(self.hand(self.plains, self.worker)["carried"], 0)
        for space, names in (("Hills", ["Adung"]), ("Plains", ["Bishing"])):
            lines = self.worker.must("--space", space, "--json", "list", "place").lines
            self.assertEqual([line["fields"]["name"] for line in lines], names)

    def test_one_space_alone_when_it_is_named(self):
        path = self.folder / "one.kithb"
        self.worker.must("--space", "Hills", "bundle", "export", path)
        self.assertEqual(self.plains.json("bundle", "import", path)["own"], False)


class TestWithRelay(SyncCase, BundleCase):
    def check_level(self, *devices):
        BundleCase.check_level(self, *devices)

    def test_a_colleague_hands_in_the_work_of_one_without_a_network(self):
        asha, banri = self.member("asha"), self.member("banri")
        asha.place("Adung")
        self.hand(asha, banri)
        self.sync(banri, self.office)
        self.assertEqual(self.office.names(), ["Adung"])
        self.assertEqual(banri.json("sync")["requests"], 1)
        self.sync(asha, self.office)
        self.check_level(self.office, asha, banri)
        self.assertEqual(asha.json("status")["space"]["unsent"], 0)

    def test_who_carried_it_before_joining_has_it_with_the_first_sync(self):
        driver = self.replica("driver")
        driver.must("space", "create", "Plains")
        self.office.must("add", "-", stdin=jsonl(*[place_line(f"{n} {random.Random(n).random()}")
                                                   for n in range(1000)]))
        self.sync(self.office)
        self.hand(self.office, driver)
        driver.must("join", self.invite())  # a replica of its own
        self.assertEqual(len(driver.names()), 1000)
        carried = [s["carried"]["segments"] for s in driver.must("--json", "status").lines]
        self.assertEqual(carried, [0, 0])

    def test_a_phone_put_back_from_a_backup_gives_nothing_new_away_until_its_card_came_back(self):
        asha, banri = self.member("asha"), self.member("banri")
        self.sync(asha, banri)
        backup = (asha.home / "kith.db").read_bytes()
        asha.place("Adung")
        self.hand(asha, banri)
        (asha.home / "kith.db").write_bytes(backup)
        self.assertTrue(asha.json("status")["space"]["behind"])
        self.assertIn("put back from a backup", asha.must("status").text)
        asha.place("Bishing")
        told = asha.must("bundle", "export", self.folder / "card").text
        self.assertIn("1 changes of this device are not in it", told)
        banri.must("bundle", "import", self.folder / "card")
        self.assertEqual(banri.names(), ["Adung"])
        self.assertTrue(self.hand(banri, asha)["was_restored"])
        self.assertFalse(asha.json("status")["space"]["behind"])
        self.hand(asha, banri)
        self.assertEqual(sorted(banri.names()), ["Adung", "Bishing"])
        self.sync(asha, banri, self.office)
        self.check_level(asha, banri)

    def test_a_phone_put_back_from_a_backup_goes_on_without_what_is_lost(self):
        asha, banri = self.member("asha"), self.member("banri")
        self.sync(asha, banri)
        backup = (asha.home / "kith.db").read_bytes()
        asha.place("Adung")
        self.export(asha)  # and nobody ever takes it in
        (asha.home / "kith.db").write_bytes(backup)
        asha.place("Bishing")
        self.assertIn("--go-on if nobody has", asha.must("bundle", "export",
                                                         self.folder / "held").text)
        asha.must("bundle", "export", self.folder / "card", "--go-on")
        banri.must("bundle", "import", self.folder / "card")
        self.assertEqual(banri.names(), ["Bishing"])
        self.sync(banri, asha, self.office, banri, asha)
        self.check_level(asha, banri, self.office)

    def test_who_joins_without_a_network_reads_first_and_is_admitted_later(self):
        self.office.place("Adung")
        self.sync(self.office)
        invite = self.invite()
        late = self.replica("late")
        self.relay.stop()
        self.assertEqual(late.run("join", invite).code, 4)
        self.hand(self.office, late)
        self.assertEqual(late.names(), ["Adung"])
        late.place("Bishing")
        self.relay.start()
        self.sync(late, self.office)
        self.assertEqual(sorted(self.office.names()), ["Adung", "Bishing"])
        self.check_level(self.office, late)

    def test_a_restored_phone_gets_its_work_back_from_a_bundle(self):
        asha, banri = self.member("asha"), self.member("banri")
        asha.place("Adung")
        self.sync(asha, banri)
        backup = {p.name: p.read_bytes() for p in asha.home.iterdir()}
        asha.place("Bishing")
        self.hand(asha, banri)
        for file in asha.home.iterdir():
            file.unlink()
        for name, content in backup.items():
            (asha.home / name).write_bytes(content)
        asha.place("Chug")
        self.hand(banri, asha)
        self.assertEqual(sorted(asha.names()), ["Adung", "Bishing", "Chug"])
        self.sync(asha, banri, self.office, asha)
        self.assertEqual(sorted(self.office.names()), ["Adung", "Bishing", "Chug"])
        self.check_level(self.office, asha, banri)

    def test_killed_imports_lose_and_double_nothing(self):
        source = random.Random(SEED)
        asha, banri = self.member("asha"), self.member("banri")
        asha.must("add", "-", stdin=jsonl(*[place_line(f"{n} {random.Random(n).random()}")
                                            for n in range(3000)]))
        path = self.export(asha)
        for _ in range(KILLS):
            process = banri.start("bundle", "import", path, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            time.sleep(source.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
            process.wait()
        banri.must("bundle", "import", path)
        self.assertEqual(len(banri.names()), 3000)
        self.sync(banri, self.office)
        self.sync(asha)
        self.check_level(self.office, asha, banri)


if __name__ == "__main__":
    unittest.main()
