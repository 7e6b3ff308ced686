#!/usr/bin/env python3
"""Syncing over networks as they are: slow, breaking all the time, with somebody else answering.
What is lost is time."""
import base64
import random
import re
import socket
import threading
import time
import unittest

from kith import NETWORK, REFUSED, KithCase, jsonl, place_line
from relay import Proxy
from test_sync import SyncCase

TRIES = 1 + 5  # a transfer, and how often it is repeated
TWO_G = {"up": 64_000, "down": 128_000, "rtt_ms": 600}
SMALL_BUDGET_S = 1.4  # DESIGN §9: nothing to do, cold, without TLS
E_TIME = 34


class Peer:
    """Whatever else may listen at an address: gives the same answer to every request."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []  # their heads, as text
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                end = self.listener.accept()[0]
            except OSError:
                return
            with end:
                self.requests.append(self.read(end))
                try:
                    end.sendall(self.answer)
                except OSError:
                    pass

    @staticmethod
    def read(end):
        """One whole request; its head."""
        text = b""
        while (head := text.partition(b"\r\n\r\n"))[1] == b"":
            piece = end.recv(4096)
            if piece == b"":
                return text.decode()
            text += piece
        length = re.search(rb"content-length: (\d+)", head[0], re.I)
        left = int(length[1]) - len(head[2]) if length else 0
        while left > 0 and (piece := end.recv(left)):
            left -= len(piece)
        return head[0].decode()

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes who waits for a connection
        except OSError:
            pass  # it is closed already
        self.listener.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


def response(code, body=b"", *headers):
    lines = [f"HTTP/1.1 {code} Whatever", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def noise(count, seed, size=200):
    """Places whose remarks nothing can compress."""
    source = random.Random(seed)
    return jsonl(*[place_line(f"{seed}/{n}", remarks=source.randbytes(size).hex())
                   for n in range(count)])


class TestOtherPeers(KithCase):
    """Somebody answers, and it is not the relay."""

    def setUp(self):
        super().setUp()
        self.kith.must("space", "create", "Field")

    def peer(self, answer):
        peer = Peer(answer)
        self.addCleanup(peer.close)
        self.kith.must("space", "relay", peer.url)
        return peer

    def test_a_request_has_no_header_that_nobody_needs(self):
        peer = self.peer(response(404))
        self.kith.run("sync")
        lines = peer.requests[0].split("\r\n")
        self.assertEqual(lines[0], "POST /v1/sync HTTP/1.1")
        self.assertEqual({line.partition(":")[0] for line in lines[1:]},
                         {"Host", "Authorization", "Content-Length"})

    def test_who_is_no_relay_is_told_from_a_damaged_one(self):
        login = b"<html><form action=/login>"
        for answer in (response(200, login, "Content-Type: text/html"), response(200),
                       response(404, b"not here"), response(502, login), response(503)):
            with self.subTest(answer):
                peer = self.peer(answer)
                self.check_refusal(NETWORK, ["nothing is lost"], "sync")
                self.assertEqual(len(peer.requests), 2)  # one for each form of the refusal

    def test_a_redirection_is_not_followed(self):
        other = self.peer(response(200))
        self.peer(response(302, b"", f"Location: {other.url}/v1/sync"))
        self.check_complaint(self.kith.run("sync"), NETWORK, "HTTP 302")
        self.assertEqual(other.requests, [])

    def test_who_hangs_up_or_breaks_off_is_given_up_after_a_few_tries(self):
        half = response(200, b"\x10\x17\x01")
        for answer in (b"", b"SSH-2.0-OpenSSH_9.2\r\n", half[:-1], half[:20]):
            with self.subTest(answer):
                peer = self.peer(answer)
                began = time.monotonic()
                self.check_complaint(self.kith.run("sync"), NETWORK, "nothing is lost")
                self.assertEqual(len(peer.requests), TRIES)
                # Half of 0.2 + 0.2 + 0.4 + 0.8 + 1.6 s of pauses at the least, at most all.
                self.assertGreater(time.monotonic() - began, 1.2)

    def test_where_nobody_listens_it_ends_soon(self):
        self.peer(b"").close()
        began = time.monotonic()
        self.check_complaint(self.kith.run("sync"), NETWORK, "could not be reached")
        self.assertLess(time.monotonic() - began, 15)

    def test_an_address_that_is_none_is_a_mistake_and_no_bad_network(self):
        self.kith.must("space", "relay", "http://[::1")
        self.check_complaint(self.kith.run("sync"), REFUSED, "address")


class TestHttpProxies(KithCase):
    """Proxies that the environment names."""

    def setUp(self):
        super().setUp()
        self.kith.must("space", "create", "Field")
        self.proxy = Peer(response(502))
        self.addCleanup(self.proxy.close)
        self.kith.environment["http_proxy"] = self.proxy.url

    def sync(self, url):
        self.kith.must("space", "relay", url)
        self.check_complaint(self.kith.run("sync"), NETWORK)

    def test_a_proxy_is_asked_for_a_relay_elsewhere(self):
        self.sync("http://relay.invalid/kith/")
        self.assertRegex(self.proxy.requests[0], r"^POST http://relay\.invalid/kith/v1/sync HTTP")

    def test_no_proxy_is_asked_for_loopback_or_what_the_environment_leaves_out(self):
        self.kith.environment["no_proxy"] = ".invalid"
        for url in ("http://127.8.9.1:9", "http://localhost:9", "http://relay.invalid"):
            with self.subTest(url):
                self.sync(url)
                self.assertEqual(self.proxy.requests, [])


class TestBreaking(SyncCase):
    def link(self, device, **options):
        link = Proxy(self.relay.port, **options).open()
        self.addCleanup(link.close)
        device.must("space", "relay", link.url)
        return link

    def test_a_link_that_breaks_all_the_time_brings_everything(self):
        asha, banri = self.member("asha"), self.member("banri")
        whole = self.link(banri)
        asha.must("add", "-", stdin=noise(900, 1))
        up = self.link(asha, breaks=4500, seed=1)
        self.assertGreater(asha.json("sync")["requests"], 64)
        down = self.link(self.office, breaks=4500, seed=2)
        self.sync(self.office, banri)
        self.assertEqual(len(self.office.names()), 900)
        self.check_level(self.office, asha, banri)
        self.assertGreater(min(up.broken, down.broken), 20)
        # What is said again is how far each is, at every break; not what has come through.
        self.assertLess(up.up, 1.25 * whole.down)
        self.assertLess(down.down, 1.25 * whole.down)

    def test_a_link_that_dies_in_silence_costs_what_came_in_the_last_seconds(self):
        asha, banri = self.member("asha"), self.member("banri")
        whole = self.link(banri)
        asha.must("add", "-", stdin=noise(400, 4))
        link = self.link(asha, up=TWO_G["up"], cuts=[("up", 20_000, "silent")] * 3)
        asha.must("sync")
        self.sync(self.office, banri)
        self.check_level(self.office, asha, banri)
        self.assertEqual(link.broken, 3)
        # A second is 8 KB; the relay stores every two what has come.
        self.assertLess(link.up, whole.down + 3 * 8_000)

    def test_a_link_through_which_nothing_gets_is_given_up_and_nothing_is_lost(self):
        asha = self.member("asha")
        self.sync(asha)
        probe = self.link(asha)
        self.sync(asha)
        asha.must("add", "-", stdin=noise(200, 3))
        # Wide enough to ask, too narrow for the first bytes of a segment.
        self.link(asha, cuts=[("up", probe.up + 40)] * 1000)
        answer = asha.run("sync")
        self.check_complaint(answer, NETWORK, "nothing is lost")
        self.assertEqual(len(asha.names()), 200)
        self.link(asha)
        self.sync(asha, self.office)
        self.check_level(self.office, asha)

    def test_over_2g_nothing_to_do_takes_little_more_than_the_way(self):
        self.link(self.office, **TWO_G)
        self.sync(self.office)
        taken = []
        while len(taken) < 5 and min(taken, default=9) > SMALL_BUDGET_S:  # a busy machine adds
            began = time.monotonic()
            self.sync(self.office)
            taken.append(time.monotonic() - began)
        self.assertLess(min(taken), SMALL_BUDGET_S)


class TestCertificates(SyncCase):
    options = ()

    def test_without_a_pin_nobody_vouches_for_the_relays_own_certificate(self):
        self.office.must("space", "relay", self.relay.url)
        began = time.monotonic()
        self.check_complaint(self.office.run("sync"), NETWORK, "its pin is needed")
        self.assertLess(time.monotonic() - began, 1)  # there is no use in repeating that


class Mistimed(Peer):
    """A relay as another clock sees it: passes syncs on, and finds the first wait out of time."""

    def __init__(self, target_port, time_ms):
        frames = (bytes([16, 23, 1]) + bytes(16) + time_ms.to_bytes(6, "big") +
                  bytes([26, 1, E_TIME]))
        self.target = ("127.0.0.1", target_port)
        self.times = []  # of the waits
        super().__init__(response(401, frames))

    def serve(self):
        while True:
            try:
                end = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.talk, args=(end,), daemon=True).start()

    def talk(self, end):
        with end:
            while (peeked := end.recv(5, socket.MSG_PEEK)) and not peeked.startswith(b"GET"):
                with socket.create_connection(self.target) as relay:
                    self.pass_on(end, relay)
                return
            while head := self.read(end):
                proof = re.search(r"^Authorization: Kith1 (\S+)\r?$", head, re.M)[1]
                self.times.append(int.from_bytes(
                    base64.urlsafe_b64decode(proof)[32:38], "big"))
                end.sendall(self.answer if len(self.times) == 1 else response(204))

    @staticmethod
    def pass_on(end, relay):
        back = threading.Thread(target=Mistimed.pump, args=(relay, end), daemon=True)
        back.start()
        Mistimed.pump(end, relay)
        back.join()

    @staticmethod
    def pump(source, sink):
        try:
            while piece := source.recv(4096):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class TestWrongClocks(SyncCase):
    def test_a_wait_is_repeated_with_the_relays_time(self):
        time_ms = 4_102_444_800_000  # 2100
        peer = Mistimed(self.relay.port, time_ms)
        self.addCleanup(peer.close)
        self.office.must("space", "relay", peer.url)
        with self.office.start("sync", "--watch") as watching:
            for _ in range(100):
                if len(peer.times) >= 2:
                    break
                time.sleep(0.1)
            watching.terminate()
        self.assertEqual(peer.times[1], time_ms)


if __name__ == "__main__":
    unittest.main()
