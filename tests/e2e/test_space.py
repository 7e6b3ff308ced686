#!/usr/bin/env python3
"""The commands of spaces: what they say to people, to scripts and on a terminal; watching for
news."""
import json
import re
import select
import signal
import subprocess
import time
import unittest

from kith import DONE, NETWORK, NOT_FOUND, REFUSED, USAGE, Kith, KithCase
from relay import Proxy
from test_sync import SyncCase
from test_terminal import CLEAR_LINE, TerminalCase
from test_transport import noise

HEX = re.compile(r"[0-9a-f]{32}")
SOON_S = 15  # news take a second or two; a busy machine may need longer


class TestAlone(KithCase):
    """Before there is a relay."""

    def test_founding_says_what_was_founded(self):
        answer = self.kith.must("space", "create", "Field").text
        self.assertRegex(answer, r"^founded Field; its fingerprint is [0-9a-f]{32}\n$")
        other = self.replica("other").json("space", "create", "Casework")
        self.assertEqual((other["name"], other["relay"], other["members"]), ("Casework", "", 1))
        self.assertRegex(other["id"], HEX)

    def test_a_list_has_the_space_once_there_is_one(self):
        self.assertEqual(self.kith.must("space", "list").out, b"")
        self.kith.must("space", "create", "Field")
        self.assertEqual(self.kith.json("space", "list")["name"], "Field")
        self.assertIn("Field", self.kith.must("space", "list").text)

    def test_the_space_there_is_can_be_used_and_no_other(self):
        self.check_refusal(NOT_FOUND, ["no such space"], "space", "use", "Field")
        self.kith.must("space", "create", "Field")
        self.kith.must("space", "use", "Field")
        self.check_refusal(NOT_FOUND, ["no such space"], "space", "use", "Casework")

    def test_what_needs_a_space_or_a_relay_says_so(self):
        for words in (["sync"], ["sync", "--watch"], ["invite"], ["key", "rotate"],
                      ["device", "list"], ["device", "revoke", "1"],
                      ["space", "relay", "http://localhost"]):
            self.check_refusal(REFUSED, ["no space"], *words)
        self.kith.must("space", "create", "Field")
        for words in (["sync"], ["sync", "--watch"]):
            self.check_refusal(REFUSED, ["no relay"], *words)
        for words in (["invite"], ["key", "rotate"]):
            self.kith.must(*words)  # it travels in bundles

    def test_wrong_input_is_refused_with_what_would_be_right(self):
        self.kith.must("space", "create", "Field")
        for words, code, part in (
                (["space", "found", "x"], USAGE, "create NAME"),
                (["space", "create"], USAGE, "create NAME"),
                (["space", "list", "x"], USAGE, "create NAME"),
                (["space", "relay", "relay.example"], REFUSED, "http://"),
                (["space", "relay", "https://" + "x" * 200], REFUSED, "200"),
                (["space", "relay", "https://x", "--pin", "0" * 63], REFUSED, "64 hexadecimal"),
                (["space", "relay", "https://x", "--pin", "g" * 64], REFUSED, "64 hexadecimal"),
                (["invite", "--uses", "65536"], USAGE, "1 to 65535"),
                (["invite", "--uses", "-1"], USAGE, "1 to 65535"),
                (["invite", "--uses", " 1"], USAGE, "1 to 65535"),
                (["invite", "--uses", "1x"], USAGE, "1 to 65535"),
                (["invite", "--expires", ""], USAGE, "7d, 12h or 30m"),
                (["invite", "--expires", "7"], USAGE, "7d, 12h or 30m"),
                (["invite", "--expires", "-7d"], USAGE, "7d, 12h or 30m"),
                (["invite", "--expires", "7dd"], USAGE, "7d, 12h or 30m"),
                (["invite", "--expires", "99999999999999999999d"], USAGE, "7d, 12h or 30m"),
                (["invite", "--role", "Admin"], USAGE, "reader, worker, supervisor or admin"),
                (["invite", "x"], USAGE, "list or withdraw NUMBER"),
                (["invite", "withdraw"], USAGE, "list or withdraw NUMBER"),
                (["invite", "withdraw", "x"], USAGE, "list or withdraw NUMBER"),
                (["invite", "withdraw", "9"], REFUSED, "no such invite"),
                (["join"], USAGE, "INVITE"),
                (["device"], USAGE, "list or revoke ID"),
                (["device", "revoke"], USAGE, "list or revoke ID"),
                (["key"], USAGE, "rotate"),
                (["sync", "now"], USAGE, "too much")):
            with self.subTest(words):
                self.check_refusal(code, [part], *words)

    def test_joining_needs_a_replica_first(self):
        nobody = Kith(self.folder / "nobody")
        self.check_complaint(nobody.run("join", "kith:x"), NOT_FOUND, "kith init")

    def test_a_pin_may_be_typed_in_capitals(self):
        self.kith.must("space", "create", "Field")
        self.kith.must("space", "relay", "https://x", "--pin", "AbCdEf01" * 8)


class TestShared(SyncCase):
    """With a relay."""

    def test_joining_says_what_was_joined(self):
        asha = self.replica("asha")
        self.assertEqual(asha.must("join", self.invite("--role", "supervisor")).text,
                         "joined Field as supervisor\n")
        banri = self.replica("banri").json("join", self.invite("--role", "reader"))
        self.assertEqual((banri["name"], banri["role"]), ("Field", "reader"))
        chi = self.replica("chi").must("--quiet", "join", self.invite())
        self.assertEqual(chi.out, b"")

    def test_an_invite_is_an_object_for_scripts(self):
        invite = self.office.json("invite", "--uses", "2", "--expires", "90m")["invite"]
        self.replica("asha").must("join", invite)
        self.replica("banri").must("join", invite)
        self.check_complaint(self.replica("thief").run("join", invite), REFUSED, "used up")

    def test_no_invite_is_shown_before_it_is_at_the_relay(self):
        self.relay.stop()
        self.check_complaint(self.office.run("invite"), NETWORK, "nothing is lost")

    def test_a_joining_that_broke_is_completed_by_the_next_sync(self):
        invite = self.invite()
        asha = self.replica("asha")
        self.relay.stop()
        self.check_complaint(asha.run("join", invite), NETWORK, "nothing is lost")
        self.assertTrue(asha.json("status")["space"]["joining"])
        self.relay.start()
        self.sync(asha)
        self.assertEqual(asha.json("status")["space"]["role"], "worker")

    def test_an_invite_that_was_cut_off_is_told_from_a_whole_one(self):
        invite = self.invite()
        for text in (invite[:-1], invite + "A", invite[:30], "kith:"):
            answer = self.replica(f"asha{len(text)}").run("join", text)
            self.check_complaint(answer, REFUSED)

    def test_the_status_has_what_is_unsent_and_when_it_synced(self):
        before = self.office.json("status")["space"]
        self.assertEqual((before["name"], before["role"], before["members"], before["epoch"]),
                         ("Field", "admin", 1, 1))
        self.assertEqual((before["unsent"], before["set_aside"]), (0, 0))
        self.assertRegex(before["synced"], r"^20\d\d-")
        self.office.place("Nongriat")
        self.assertEqual(self.office.json("status")["space"]["unsent"], 1)
        text = self.office.must("status").text
        self.assertRegex(text, r"space Field, admin; 1 devices, last synced: 20\d\d-")
        self.assertIn("1 changes not sent yet", text)

    def test_devices_are_listed_with_their_roles(self):
        asha = self.member("asha")
        asha.place()  # its own record travels with its first changes
        self.sync(asha, self.office)
        devices = self.office.must("--json", "device", "list").lines
        self.assertEqual([(d["name"], d["role"], d["own"], d["revoked"]) for d in devices],
                         [("home", "admin", True, False), ("asha", "worker", False, False)])
        self.office.must("device", "revoke", devices[1]["id"])
        self.assertIn("worker, taken out", self.office.must("device", "list").text)
        self.assertEqual(self.office.json("status")["space"]["epoch"], 2)

    def test_a_device_of_which_nothing_came_is_taken_out_by_its_key(self):
        self.replica("asha").must("join", self.invite("--role", "reader"))
        self.sync(self.office)
        device = self.office.must("--json", "device", "list").lines[1]
        self.assertNotIn("id", device)
        shown = self.office.must("device", "list").text.splitlines()[1].split()[0]
        self.assertEqual(shown, "key:" + device["key"][:10])
        self.check_complaint(self.office.run("device", "revoke", "key:"), REFUSED, "several")
        self.check_complaint(self.office.run("device", "revoke", "key:xyz"), NOT_FOUND,
                             "no such device")
        self.office.must("device", "revoke", shown)
        self.assertTrue(self.office.must("--json", "device", "list").lines[1]["revoked"])

    def test_only_the_record_of_a_device_names_one(self):
        place = self.office.place()
        self.check_complaint(self.office.run("device", "revoke", place), NOT_FOUND,
                             "no such device")

    def test_invites_are_listed_and_taken_back(self):
        invite = self.invite("--role", "reader", "--uses", "3")
        self.replica("asha").must("join", invite)
        self.sync(self.office)
        shown = self.office.json("invite", "list")
        self.assertEqual((shown["role"], shown["uses_left"]), ("reader", 2))
        self.assertRegex(self.office.must("invite", "list").text,
                         r"^\d+ +reader  uses left: 2, expires: 20\d\d-")
        self.office.must("invite", "withdraw", str(shown["invite"]))
        self.assertEqual(self.office.must("invite", "list").out, b"")
        self.check_complaint(self.replica("finder").run("join", invite), REFUSED)

    def test_who_may_not_does_not_take_out_or_rotate(self):
        asha = self.member("asha")
        office = asha.must("--json", "device", "list").lines[0]
        self.sync(self.office, asha)
        for words in (["key", "rotate"], ["device", "revoke", office.get("id", "1")]):
            self.check_complaint(asha.run(*words), REFUSED)
        self.assertEqual(asha.json("status")["space"]["epoch"], 1)

    def test_a_sync_is_one_object_for_scripts_and_one_line_for_people(self):
        self.office.place()
        answer = self.office.json("sync")
        self.assertEqual(set(answer), {"requests", "sent_bytes", "received_bytes",
                                       "received_changes", "set_aside", "was_restored",
                                       "had_relay_lost"})
        self.assertGreater(answer["sent_bytes"], 235)
        self.assertRegex(self.office.must("sync").text,
                         r"^sent \d+\.\d KB, received 0 changes in \d+\.\d KB\n$")
        self.assertEqual(self.office.must("--quiet", "sync").out, b"")


class TestOnTerminal(TerminalCase, SyncCase):
    def test_a_slow_sync_shows_how_far_it_is_and_leaves_nothing_behind(self):
        asha = self.member("asha")
        self.office.must("add", "-", stdin=noise(500, 1))
        with Proxy(self.relay.port, up=160_000, down=160_000) as link:
            self.office.must("space", "relay", link.url)
            sent = self.talk("sync").err
            asha.must("space", "relay", link.url)
            self.kith = asha
            received = self.talk("sync").err
        self.assertRegex(sent, rb"sending \[#+ *\] +\d+ %, [\d.]+ of [\d.]+ KB, \d+ s left\x1b\[K")
        self.assertRegex(received, rb"receiving \[#* *\] +\d+ %, \d+ changes in [\d.]+ KB")
        for shown in (sent, received):
            self.assertRegex(shown.rpartition(CLEAR_LINE)[2], rb"^sent ")

    def test_an_invite_is_shown_as_a_code_too(self):
        rows = self.office.must("invite", "--qr").text.splitlines()
        invite = rows.pop()
        self.replica("asha").must("join", invite)
        # Two rows of modules in one of text; a quiet border of four; sizes go up by four modules.
        width = len(rows[0]) - 8
        self.assertEqual({len(row) for row in rows}, {width + 8})
        self.assertEqual(width % 4, 1)
        self.assertEqual(len(rows), (width + 8 + 1) // 2)
        dark = [[[cell in below for cell in row] for row in rows] for below in (" ▄", " ▀")]
        modules = [line for pair in zip(*dark) for line in pair][4:4 + width]
        modules = [line[4:4 + width] for line in modules]
        finder = ["#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"]
        for top, left in ((0, 0), (0, width - 7), (width - 7, 0)):
            shown = ["".join("#" if m else " " for m in line[left:left + 7])
                     for line in modules[top:top + 7]]
            self.assertEqual(shown, finder)


class TestWatch(SyncCase):
    def watch(self, device):
        process = device.start("--json", "sync", "--watch")
        self.addCleanup(self.end, process)
        self.next(process)  # it is level
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def next(self, process, timeout=SOON_S):
        """What the next sync says."""
        ready, _, _ = select.select([process.stdout], [], [], timeout)
        self.assertTrue(ready, "nothing came")
        return json.loads(process.stdout.readline())

    def test_news_of_others_come_at_once(self):
        asha = self.member("asha")
        watching = self.watch(asha)
        self.office.place("Nongriat")
        self.sync(self.office)
        self.assertGreater(self.next(watching)["received_changes"], 0)
        self.assertEqual(asha.names(), ["Nongriat"])

    def test_changes_made_here_meanwhile_are_sent(self):
        asha = self.member("asha")
        watching = self.watch(asha)
        asha.place("Nongriat")
        asha.place("Nongblai")
        self.next(watching)
        self.sync(self.office)
        self.assertEqual(sorted(self.office.names()), ["Nongblai", "Nongriat"])

    def test_two_at_one_replica_do_not_keep_each_other_busy(self):
        link = self.through(self.office)
        first = self.watch(self.office)
        self.watch(self.office)
        self.office.place("Nongriat")
        self.next(first)
        time.sleep(3 * 2)  # both have looked up from it, and wait again
        link.forget_counts()
        time.sleep(5)
        self.assertEqual(link.up, 0)

    def test_an_interrupt_ends_it_well(self):
        process = self.watch(self.office)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SOON_S)
        self.assertEqual((process.returncode, out, err), (DONE, b"", b""))

    def test_being_without_a_network_is_said_once_and_passes(self):
        asha = self.member("asha")
        process = asha.start("--json", "sync", "--watch")
        self.addCleanup(self.end, process)
        self.next(process)
        self.relay.stop()
        asha.place("Nongriat")
        error = json.loads(process.stderr.readline())
        self.assertEqual(error["status"], "KITH_E_NETWORK")
        self.relay.start()
        self.next(process, 4 * SOON_S)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.communicate(timeout=SOON_S)[1], b"")
        self.sync(self.office)
        self.assertEqual(self.office.names(), ["Nongriat"])

    def test_what_does_not_pass_ends_it(self):
        asha = self.member("asha")
        asha.place()
        self.sync(asha, self.office)
        process = asha.start("sync", "--watch", stdout=subprocess.DEVNULL)
        self.addCleanup(self.end, process)
        device = self.office.must("--json", "device", "list").lines[1]["id"]
        self.office.must("device", "revoke", device)
        self.assertEqual(process.wait(SOON_S), REFUSED)
        self.assertIn(b"taken out", process.stderr.read())


if __name__ == "__main__":
    unittest.main()
