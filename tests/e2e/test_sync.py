#!/usr/bin/env python3
"""Devices and a relay as real processes: what is recorded offline reaches the office, over links
that break, through processes that are killed. Prints its seed; KITH_SEED replays it."""
import os
import random
import shutil
import signal
import subprocess
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from kith import NETWORK, NOT_FOUND, REFUSED, USAGE, KithCase, jsonl, place_line
from relay import Proxy, Relay

SEED = int(os.environ.get("KITH_SEED", random.randrange(1 << 32)))
KILLS = int(os.environ.get("KITH_KILLS", "200"))
CROWD, ROUNDS = 8, 6


def setUpModule():
    print(f"KITH_SEED={SEED}", flush=True)


class SyncCase(KithCase):
    """An office that has founded a space at a relay."""

    options = ("--tls", "off")

    def setUp(self):
        super().setUp()
        self.relay = Relay(self.folder / "relay", *self.options).start()
        self.addCleanup(self.end_relay)
        self.office = self.kith
        self.office.must("space", "create", "Field", "--relay", self.relay.url, "--pin",
                         self.relay.pin, "--token", self.relay.token)

    def end_relay(self):
        if self.relay.process.poll() is None:
            self.relay.stop()

    def invite(self, *options):
        return self.office.must("invite", *options).text.strip()

    def member(self, name):
        device = self.replica(name)
        device.must("join", self.invite())
        return device

    def sync(self, *devices):
        for device in devices:
            device.must("sync")

    def through(self, device):
        """The device's way to the relay from now on."""
        link = Proxy(self.relay.port).open()
        self.addCleanup(link.close)
        device.must("space", "relay", link.url)
        return link

    def check_level(self, *devices):
        self.assertEqual(len({device.state() for device in devices}), 1)


class TestSync(SyncCase):
    def test_what_was_recorded_offline_reaches_the_office(self):
        asha = self.replica("asha")
        place = asha.place("Nongriat")  # before it belongs to any space
        asha.must("join", self.invite())
        self.sync(self.office)
        self.assertEqual(self.office.names(), ["Nongriat"])
        self.assertEqual(self.office.show(place)["space"], "Field")
        self.assertIn(b"Nongriat", self.office.must("--space", "Field", "list", "place").out)

    def test_concurrent_values_are_both_there_until_one_settles_them(self):
        asha, banri = self.member("asha"), self.member("banri")
        place = asha.place("Nongriat")
        self.sync(asha, banri)
        asha.must("set", place, "households=7")
        banri.must("set", place, "households=9")
        self.sync(asha, banri, self.office)
        rivals = self.office.show(place)["conflicts"]["households"]
        self.assertEqual({rival["value"] for rival in rivals}, {7, 9})
        self.office.must("settle", place, "households=9")
        self.sync(self.office, asha, banri)
        self.assertEqual(asha.show(place)["conflicts"], {})
        self.check_level(self.office, asha, banri)

    def test_the_relays_files_hold_no_name(self):
        asha = self.member("asha")
        asha.person("Ibanri Lyngdoh")
        self.sync(asha)
        self.relay.stop()
        for file in (self.folder / "relay").iterdir():
            content = file.read_bytes()
            for word in (b"Ibanri", b"Lyngdoh", b"Field", b"asha"):
                self.assertNotIn(word, content, file)

    def test_nothing_to_do_is_one_small_request(self):
        link = self.through(self.office)
        self.sync(self.office)
        link.forget_counts()
        answer = self.office.json("sync")
        self.assertEqual((answer["requests"], link.connections), (1, 1))
        self.assertLess(link.up + link.down, 700)

    def test_a_broken_upload_goes_on_where_it_broke(self):
        asha = self.member("asha")
        asha.must("add", "-", stdin=jsonl(*[place_line(f"{n} {random.Random(n).random()}")
                                            for n in range(2000)]))
        link = self.through(asha)
        self.sync(self.office)
        link.cuts = [("up", 9000), ("up", 100), ("up", 9000)]
        self.assertGreater(asha.json("sync")["requests"], 3)
        whole = sum(1 for _ in self.office.names())
        self.sync(self.office)
        self.assertEqual(len(self.office.names()) - whole, 2000)
        self.assertLess(link.up, 1.5 * (self.folder / "relay" / "relay.db").stat().st_size)
        self.check_level(self.office, asha)

    def test_a_broken_download_goes_on_where_it_broke(self):
        asha, banri = self.member("asha"), self.member("banri")
        self.office.must("add", "-", stdin=jsonl(*[place_line(f"{n} {random.Random(n).random()}")
                                                   for n in range(2000)]))
        self.sync(self.office)
        link, whole = self.through(asha), self.through(banri)
        link.cuts = [("down", 9000), ("down", 5000), ("down", 9000)]
        asha.must("sync")
        self.assertEqual(len(asha.names()), 2000)
        self.sync(banri)
        self.assertLess(link.down, 1.1 * whole.down + 3000)
        self.check_level(self.office, asha, banri)

    def test_without_a_relay_nothing_is_lost(self):
        self.relay.stop()
        self.office.place("Nongriat")
        answer = self.office.run("sync")
        self.check_complaint(answer, NETWORK, "nothing is lost")
        self.assertEqual(self.office.names(), ["Nongriat"])
        self.relay.start()
        self.sync(self.office)
        self.assertEqual(self.office.json("status")["space"]["unsent"], 0)

    def test_a_device_that_was_taken_out_gets_and_gives_nothing_more(self):
        asha = self.member("asha")
        self.sync(asha, self.office)
        device = next(d for d in self.office.must("--json", "device", "list").lines
                      if d["name"] == "asha")
        self.office.must("device", "revoke", device["id"])
        self.office.place("Secret")
        self.sync(self.office)
        late = asha.place("Late")
        self.assertEqual(asha.run("sync").code, REFUSED)
        self.assertNotIn("Secret", asha.names())
        self.assertEqual(asha.fields(late)["name"], "Late")
        self.sync(self.office)
        self.assertNotIn("Late", self.office.names())

    def test_a_phone_put_back_from_a_backup_goes_on_and_says_so(self):
        asha = self.member("asha")
        asha.place("Adung")
        backup = (asha.home / "kith.db").read_bytes()
        asha.must("sync")
        asha.place("Bishing")
        asha.must("sync")
        (asha.home / "kith.db").write_bytes(backup)
        asha.place("Chug")
        self.assertIn("put back from a backup", asha.must("sync").text)
        self.assertNotIn("put back", asha.must("sync").text)
        self.sync(self.office)
        self.assertEqual(sorted(self.office.names()), ["Adung", "Bishing", "Chug"])
        self.check_level(asha, self.office)

    def test_a_new_key_is_everybodys(self):
        asha = self.member("asha")
        self.office.must("key", "rotate")
        self.office.place("After")
        self.sync(self.office, asha)
        self.assertIn("After", asha.names())
        late = self.member("late")  # reads what was sealed before it came
        self.assertIn("After", late.names())


class TestPinned(SyncCase):
    options = ()

    def test_an_empty_relay_takes_the_place_of_one_that_was_lost(self):
        asha = self.member("asha")
        asha.place("Adung")
        self.sync(asha, self.office)
        self.relay.stop()
        shutil.rmtree(self.relay.folder)
        port, self.relay = self.relay.port, Relay(self.folder / "relay")
        self.relay.port = port
        self.relay.start()
        self.check_complaint(self.office.run("sync"), NETWORK, "its new pin is needed")
        found = ("space", "relay", self.relay.url, "--pin", self.relay.pin)
        self.office.must(*found)
        self.check_complaint(self.office.run("sync"), REFUSED, "`kithd token` prints one")
        self.office.must(*found, "--token", self.relay.token)
        self.assertIn("the relay had lost something", self.office.must("sync").text)
        self.assertNotIn("lost", self.office.must("sync").text)
        asha.must(*found)
        self.assertTrue(asha.json("sync")["had_relay_lost"])
        asha.place("Bishing")
        self.sync(asha, self.office)
        self.assertEqual(sorted(self.office.names()), ["Adung", "Bishing"])
        self.check_level(asha, self.office)

    def test_the_pinned_relay_is_spoken_to_over_tls(self):
        asha = self.member("asha")
        asha.place("Nongriat")
        self.sync(asha, self.office)
        self.assertEqual(self.office.names(), ["Nongriat"])

    def test_another_key_is_refused(self):
        self.office.must("space", "relay", self.relay.url, "--pin", "0" * 64)
        self.check_complaint(self.office.run("sync"), NETWORK, "not the one of the invite")


class TestRefusals(SyncCase):
    def test_an_invite_is_used_once(self):
        invite = self.invite()
        self.replica("asha").must("join", invite)
        thief = self.replica("thief")
        self.check_complaint(thief.run("join", invite), REFUSED, "used up")
        thief.must("join", self.invite())  # another one still takes it in

    def test_an_invite_expires(self):
        invite = self.invite("--expires", "0m")
        time.sleep(0.05)
        self.check_complaint(self.replica("late").run("join", invite), REFUSED, "expired")

    def test_a_reader_does_not_invite(self):
        reader = self.replica("reader")
        reader.must("join", self.invite("--role", "reader"))
        self.check_complaint(reader.run("invite"), REFUSED, "admin")

    def test_wrong_words_are_told(self):
        for words, code, part in (
                (("join", "hello"), REFUSED, "no invite"),
                (("join", "kith:AAAA"), REFUSED, "letters are missing"),
                (("invite", "--role", "boss"), USAGE, "--role is"),
                (("invite", "--uses", "0"), USAGE, "--uses is"),
                (("invite", "--expires", "soon"), USAGE, "--expires is"),
                (("space", "use", "Other"), NOT_FOUND, "no such space"),
                (("space", "relay", "ftp://x"), REFUSED, "begins with"),
                (("space", "relay", "http://x", "--pin", "12"), REFUSED, "pin"),
                (("space",), USAGE, "is needed"),
                (("device", "revoke", "99"), NOT_FOUND, "no record"),
                (("key", "turn"), USAGE, "rotate"),
                (("--space", "Other", "list", "place"), NOT_FOUND, "no such space")):
            with self.subTest(words):
                self.check_complaint(self.kith.run(*words), code, part)

    def test_a_space_without_a_token_is_not_founded(self):
        other = self.replica("other")
        answer = other.run("space", "create", "Mine", "--relay", self.relay.url)
        self.check_complaint(answer, REFUSED, "token")

    def test_without_a_space_there_is_nothing_to_sync(self):
        self.check_complaint(self.replica("alone").run("sync"), REFUSED, "no space")


class TestCrowd(SyncCase):
    def work(self, device, name):
        for number in range(ROUNDS):
            device.must("add", "-", stdin=jsonl(*[place_line(f"{name}/{number}/{n}")
                                                  for n in range(5)]))
            device.must("sync")

    def test_many_at_once_lose_and_double_nothing(self):
        devices = [self.member(f"device{n}") for n in range(CROWD)]
        with ThreadPoolExecutor(CROWD) as pool:
            for done in [pool.submit(self.work, device, n) for n, device in enumerate(devices)]:
                done.result()
        self.sync(*devices, self.office, *devices)
        self.assertEqual(len(set(self.office.names())), CROWD * ROUNDS * 5)
        self.check_level(self.office, *devices)
        self.relay.stop()
        self.assertIn("sound", self.relay.check())


class TestKills(SyncCase):
    def kill_at_work(self, device, source):
        """Kills the device or the relay while the device syncs."""
        moment = source.uniform(0, source.choice((0.005, 0.02, 0.06)))
        process = device.start("sync", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL)
        time.sleep(moment)
        if source.random() < 0.5:
            process.kill()
            process.wait()
            return
        self.relay.stop(signal.SIGKILL)
        process.kill() if source.random() < 0.5 else None
        process.wait(60)
        self.relay.start()

    def test_killed_processes_lose_and_double_nothing(self):
        source = random.Random(SEED)
        asha = self.member("asha")
        names = []
        for number in range(KILLS):
            device = source.choice((asha, self.office))
            lines = [f"{number}/{n}" for n in range(source.choice((1, 30)))]
            device.must("add", "-", stdin=jsonl(*[place_line(name) for name in lines]))
            names += lines
            self.kill_at_work(device, source)
        self.sync(asha, self.office, asha)
        self.assertEqual(sorted(self.office.names()), sorted(names))
        self.check_level(asha, self.office)
        self.relay.stop()
        self.assertIn("sound", self.relay.check())


if __name__ == "__main__":
    unittest.main()
