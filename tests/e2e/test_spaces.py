#!/usr/bin/env python3
"""A device in several spaces: what is recorded in one is in no other, and one request syncs all."""
import json
import select
import unittest

from kith import DONE, NETWORK, NOT_FOUND, REFUSED
from relay import Relay
from test_sync import SyncCase


class SpacesCase(SyncCase):
    """An office with a field and a casework space, and a worker who is in both."""

    def setUp(self):
        super().setUp()
        self.found("Casework")
        self.office.must("space", "use", "Field")
        self.asha = self.member("asha")
        self.asha.must("join", self.invite("--space", "Casework"))
        self.asha.must("space", "use", "Field")

    def found(self, name):
        self.office.must("space", "create", name, "--relay", self.relay.url, "--token",
                         self.relay.new_token())

    def names(self, device, space):
        rows = device.must("--json", "--space", space, "list", "place").lines
        return sorted(row["title"] for row in rows)

    def figures(self, device, *options):
        return device.must(*options, "--json", "status").lines


class TestSpaces(SpacesCase):
    def test_what_is_recorded_in_one_is_in_no_other(self):
        self.asha.place("Nongriat")
        self.asha.must("--space", "Casework", "add", "place", "name=Shelter", "type=village")
        self.sync(self.asha, self.office)
        for device in (self.asha, self.office):
            self.assertEqual(self.names(device, "Field"), ["Nongriat"])
            self.assertEqual(self.names(device, "Casework"), ["Shelter"])

    def test_one_request_syncs_all(self):
        self.asha.place("Nongriat")
        self.asha.must("--space", "Casework", "add", "place", "name=Shelter", "type=village")
        self.assertEqual(self.asha.json("sync")["requests"], 1)
        self.assertEqual([one["space"]["unsent"] for one in self.figures(self.asha)], [0, 0])
        self.assertEqual(self.asha.json("sync")["requests"], 1)

    def test_one_can_be_synced_alone(self):
        self.asha.place("Nongriat")
        self.asha.must("--space", "Casework", "sync")
        self.assertEqual([one["space"]["unsent"] > 0 for one in self.figures(self.asha)],
                         [True, False])

    def test_they_can_be_at_different_relays(self):
        other = Relay(self.folder / "other", "--tls", "off", "--open").start()
        self.addCleanup(other.stop)
        self.office.must("--space", "Casework", "space", "relay", other.url)
        self.office.must("--space", "Casework", "add", "place", "name=Shelter", "type=village")
        self.office.place("Nongriat")
        self.sync(self.office)
        self.asha.must("--space", "Casework", "space", "relay", other.url)
        self.sync(self.asha)
        self.assertEqual(self.asha.json("sync")["requests"], 2)
        self.assertEqual(self.names(self.asha, "Casework"), ["Shelter"])
        self.assertEqual(self.names(self.asha, "Field"), ["Nongriat"])
        other.stop()
        self.office.place("Nongblai")
        self.sync_without(self.office)
        self.sync_without(self.asha)
        self.assertEqual(self.names(self.asha, "Field"), ["Nongblai", "Nongriat"])
        other.start()

    def sync_without(self, device):
        """One of the two relays cannot be reached."""
        self.assertEqual(device.run("sync").code, NETWORK)

    def test_being_taken_out_of_one_does_not_stop_the_others(self):
        self.asha.place("Nongriat")
        self.sync(self.asha, self.office)
        devices = self.office.must("--json", "device", "list").lines
        other = next(one["id"] for one in devices if not one["own"])
        self.office.must("device", "revoke", other)
        self.asha.must("--space", "Casework", "add", "place", "name=Shelter", "type=village")
        self.check_complaint(self.asha.run("sync"), REFUSED, "sync of Field", "taken out")
        self.sync(self.office)
        self.assertEqual(self.names(self.office, "Casework"), ["Shelter"])

    def test_the_list_tells_which_is_in_use(self):
        rows = self.asha.must("--json", "space", "list").lines
        self.assertEqual([(row["name"], row["in_use"]) for row in rows],
                         [("Field", True), ("Casework", False)])
        self.asha.must("space", "use", rows[1]["id"])  # by its fingerprint
        self.asha.place("Shelter")
        self.assertEqual(self.names(self.asha, "Casework"), ["Shelter"])

    def test_a_space_that_is_not_here_is_named(self):
        for words in (["--space", "Legal", "list", "place"], ["space", "use", "Legal"]):
            self.check_complaint(self.asha.run(*words), NOT_FOUND, "Legal", "space list")

    def test_a_space_is_founded_or_joined_once(self):
        count = len(self.figures(self.office))
        self.check_complaint(self.office.run("space", "create", "Field"), REFUSED, "another name")
        invite = self.invite("--uses", "2")
        self.check_complaint(self.asha.run("join", invite), REFUSED, "in that space already")
        self.check_complaint(self.asha.run("join", "kith:1"), REFUSED, "no invite")
        self.assertEqual((len(self.figures(self.office)), len(self.figures(self.asha))),
                         (count, 2))

    def test_a_refused_invite_leaves_no_space_behind(self):
        self.found("Legal")
        invite = self.invite("--space", "Legal")
        self.replica("banri").must("join", invite)
        self.check_complaint(self.asha.run("join", invite), REFUSED, "used up")
        self.assertEqual(len(self.figures(self.asha)), 2)
        self.sync(self.asha)

    def test_joining_without_a_network_goes_on_with_a_sync(self):
        self.found("Legal")
        invite = self.invite("--space", "Legal")
        self.relay.stop()
        self.assertEqual(self.asha.run("join", invite).code, NETWORK)
        self.relay.start()
        self.sync(self.asha)
        self.assertEqual(self.figures(self.asha, "--space", "Legal")[0]["space"]["role"], "worker")

    def test_check_looks_at_all(self):
        self.assertEqual(len(self.asha.must("--json", "check", "--rebuild").lines), 2)

    def test_a_damaged_choice_is_said(self):
        (self.asha.home / "space").write_text("7\n")
        self.check_complaint(self.asha.run("list", "place"), 5, "names no space", "space use")
        self.assertEqual(self.asha.run("--space", "Field", "list", "place").code, DONE)

    def test_watching_hears_of_news_in_any(self):
        process = self.asha.start("--json", "sync", "--watch")
        self.addCleanup(lambda: (process.kill(), process.communicate()))
        process.stdout.readline()  # it is level
        self.office.must("--space", "Casework", "add", "place", "name=Shelter", "type=village")
        self.sync(self.office)
        ready, _, _ = select.select([process.stdout], [], [], 15)
        self.assertTrue(ready, "nothing came")
        self.assertGreater(json.loads(process.stdout.readline())["received_changes"], 0)


if __name__ == "__main__":
    unittest.main()
