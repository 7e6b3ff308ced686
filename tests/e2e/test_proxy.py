#!/usr/bin/env python3
"""The network that tests and benchmarks go through is as slow, and breaks where, it was told."""
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

HARNESS = Path(__file__).resolve().parents[1] / "harness"
sys.path.insert(0, str(HARNESS))

from proxy import Proxy  # noqa: E402

UP, DOWN, RTT_MS = 64_000, 128_000, 600
TOLERANCE = 0.02
TRIES = 3  # a busy machine makes a transfer longer, and nothing makes it shorter: the best counts


class Target:
    """Takes what comes until its sender ends, then answers with so many bytes."""

    def __init__(self, answer_bytes=0):
        self.answer = b"a" * answer_bytes
        self.received, self.last_at = [], []  # of each connection: bytes, and when the last came
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.serve, daemon=True)]
        self.threads[0].start()

    def serve(self):
        while True:
            try:
                end = self.listener.accept()[0]
            except OSError:
                return
            self.received.append(0)
            self.last_at.append(time.monotonic())
            thread = threading.Thread(target=self.talk, args=(end, len(self.received) - 1),
                                      daemon=True)
            self.threads.append(thread)
            thread.start()

    def talk(self, end, number):
        with end:
            try:
                while piece := end.recv(65536):
                    self.received[number] += len(piece)
                    self.last_at[number] = time.monotonic()
                end.sendall(self.answer)
            except OSError:
                pass

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes who waits for a connection
        except OSError:
            pass  # it is closed already
        self.listener.close()
        for thread in self.threads:
            thread.join(10)


def transfer(port, count):
    """Sends so many bytes and receives the answer: when it began and ended, bytes of the answer."""
    with socket.create_connection(("127.0.0.1", port)) as end:
        begun, answered = time.monotonic(), 0
        try:
            end.sendall(b"q" * count)
            end.shutdown(socket.SHUT_WR)
            while piece := end.recv(65536):
                answered += len(piece)
        except OSError:
            pass  # it broke, as it was told to
        return begun, time.monotonic(), answered


class ProxyCase(unittest.TestCase):
    def link(self, answer_bytes=0, **options):
        self.target = Target(answer_bytes)
        self.addCleanup(self.target.close)
        link = Proxy(self.target.port, **options).open()
        self.addCleanup(link.close)
        return link

    def check_time(self, expected_s, measure):
        """The measured time is the expected one."""
        taken = []
        while len(taken) < TRIES and (not taken or taken[-1] > expected_s * (1 + TOLERANCE)):
            taken.append(measure())
        self.assertGreater(min(taken), expected_s * (1 - TOLERANCE))
        self.assertLess(min(taken), expected_s * (1 + TOLERANCE), taken)


class TestSpeed(ProxyCase):
    def test_an_upload_takes_its_bits_and_the_way(self):
        link = self.link(up=UP, down=DOWN, rtt_ms=RTT_MS)

        def measure():
            begun, _, _ = transfer(link.port, 8000)
            return self.target.last_at[-1] - begun

        # A round trip until there is a connection, half a one until the last byte is there.
        self.check_time(8000 * 8 / UP + 1.5 * RTT_MS / 1000, measure)

    def test_a_download_takes_its_bits_and_the_way(self):
        link = self.link(answer_bytes=16000, up=UP, down=DOWN, rtt_ms=RTT_MS)

        def measure():
            begun, ended, answered = transfer(link.port, 100)
            self.assertEqual(answered, 16000)
            return ended - begun

        self.check_time(100 * 8 / UP + 16000 * 8 / DOWN + 2 * RTT_MS / 1000, measure)

    def test_connections_at_once_share_what_there_is(self):
        link = self.link(up=UP)

        def measure():
            threads = [threading.Thread(target=transfer, args=(link.port, 4000)) for _ in range(2)]
            begun = time.monotonic()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return max(self.target.last_at[-2:]) - begun

        self.check_time(2 * 4000 * 8 / UP, measure)

    def test_a_sender_is_held_back_and_does_not_fill_the_proxy(self):
        link = self.link(up=UP)
        with socket.create_connection(("127.0.0.1", link.port)) as end:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            end.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                for _ in range(400):
                    end.sendall(b"q" * 1000)


class TestBreaking(ProxyCase):
    def test_a_cut_lets_through_what_it_was_told_and_not_a_byte_more(self):
        link = self.link(answer_bytes=50000, cuts=[("up", 7001), ("down", 9)])
        transfer(link.port, 20000)
        answered = transfer(link.port, 10)[2]
        self.assertEqual((self.target.received[0], answered), (7001, 9))
        self.assertEqual(transfer(link.port, 10)[2], 50000)  # and then there is a network again
        self.assertEqual(link.counts(),
                         {"up": 7001 + 20, "down": 50009, "connections": 3, "broken": 2})

    def test_of_a_silent_cut_the_target_hears_nothing(self):
        link = self.link(answer_bytes=5, cuts=[("up", 7000, "silent")])
        begun, ended, answered = transfer(link.port, 20000)
        self.assertEqual((self.target.received, answered, link.broken), ([7000], 0, 1))
        self.assertLess(ended - begun, 5)  # who connected does
        self.assertEqual(transfer(link.port, 10)[2], 5)
        self.assertTrue(self.target.threads[1].is_alive())  # it still waits for the rest
        link.close()
        self.target.threads[1].join(5)
        self.assertFalse(self.target.threads[1].is_alive())

    def test_random_breaks_are_the_seeds(self):
        def breaks(seed):
            link = self.link(answer_bytes=20000, breaks=20000, seed=seed)
            answers = [transfer(link.port, 20000)[2] for _ in range(8)]
            self.target.close()
            self.assertGreater(link.broken, 0)
            return answers + self.target.received

        self.assertEqual(breaks(1), breaks(1))
        self.assertNotEqual(breaks(1), breaks(2))

    def test_where_nobody_listens_the_connection_ends(self):
        link = self.link()
        self.target.close()
        self.assertEqual(transfer(link.port, 10)[2], 0)
        self.assertEqual((link.connections, link.up), (1, 0))


class TestCommand(ProxyCase):
    def test_it_says_where_it_listens_and_what_passed(self):
        self.link(answer_bytes=3)  # for its target
        process = subprocess.Popen(
            [sys.executable, str(HARNESS / "proxy.py"), str(self.target.port), "--cut", "up:5"],
            stdout=subprocess.PIPE, text=True)
        with process:
            port = int(re.match(r"listening on 127\.0\.0\.1:(\d+)", process.stdout.readline())[1])
            transfer(port, 10)
            transfer(port, 10)
            process.send_signal(signal.SIGTERM)
            counts = json.loads(process.stdout.readline())
        self.assertEqual((process.returncode, counts),
                         (0, {"up": 15, "down": 3, "connections": 2, "broken": 1}))


if __name__ == "__main__":
    unittest.main()
