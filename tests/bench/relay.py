#!/usr/bin/env python3
"""What kithd does in a second and with how little, through a real process on loopback: small
segments made durable, pulls from a small and from a large store, devices that wait. The relay is
asked in the words of proto/spec (tests/e2e/wire.py); as it opens no body, bodies are noise of the
size that real ones have. A table on standard error, JSON on standard output.

usage: relay.py [--folder FOLDER] [--changes N] [--waiting N]       with KITHD_COMMAND set

The folder must be on the disk that counts. Sender and relay share the machine's processors.
"""
import argparse
import os
import re
import resource
import selectors
import shutil
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from figures import figure, tell  # noqa: E402
from relay import Relay  # noqa: E402
from wire import ENTRY, SEGMENT, Author, Charter, Device, ask, frame  # noqa: E402

# A segment of ten edits of one field each; a real one comes to less: 419 bytes with its header where
# ten remarks of 25 letters were set.
EDITS, BODY_BYTES = 10, 384
SEGMENT_BYTES = 235 + BODY_BYTES
FAR = 1 << 40  # a cursor behind everything: nothing is sent back
DEVICES, REQUESTS = 100, 100  # a device may ask 120 times at once
MANY = 500  # segments in one request
MEMBERS_MAX = 2500  # of one space, which has room for 3,000
PULLS, SMALL = 100, 10_000


class Bench:
    """A relay with a space and its founder."""

    def __init__(self, folder):
        self.relay = Relay(folder, "--tls", "off", "--open", "--timeout", "600", "--quota",
                           str(1 << 40), "--device-quota", "0").start()

    def found(self):
        founder, charter = Device(self.relay), Charter()
        entry = founder.found(charter)
        answer = founder.post(ask(charter.space), frame(ENTRY, entry))
        assert not answer.refused, answer.refused
        return founder, charter

    def members(self, founder, charter, count):
        """So many devices that join by one invite."""
        inviter = Device(self.relay)
        devices = [Device(self.relay) for _ in range(count)]
        entries = [founder.invite(charter, inviter.keys, uses=count)]
        number = len(charter.hashes)
        entries += [device.admit(charter, number, inviter) for device in devices]
        answer = founder.post(ask(charter.space), *[frame(ENTRY, entry) for entry in entries])
        assert not answer.refused, answer.refused
        return devices

    def accepted(self):
        link = Device(self.relay).connect()
        link.request("GET", "/metrics")
        text = link.getresponse().read().decode()
        link.close()
        return int(re.search(r"^kithd_segments_accepted_total (\d+)$", text, re.M)[1])

    def peak_mb(self):
        status = Path(f"/proc/{self.relay.process.pid}/status").read_text()
        return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)[1]) * 1024 / 1e6


def request_of(device, body, method="POST", target="/v1/sync"):
    """A whole request, signed now."""
    return (f"{method} {target} HTTP/1.1\r\nHost: relay\r\nAuthorization: "
            f"{device.authorization(method, target)}\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode() + body


class Link:
    """A connection that asks its requests one after the other."""

    def __init__(self, port, requests):
        self.requests, self.answer = iter(requests), b""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask_next(self):
        """False when none is left."""
        request = next(self.requests, None)
        if request is None:
            self.socket.close()
            return False
        self.socket.sendall(request)
        return True

    def take(self):
        """Reads what is there; true if the answer is whole."""
        self.answer += self.socket.recv(65536)
        head, found, body = self.answer.partition(b"\r\n\r\n")
        if not found:
            return False
        assert head.startswith(b"HTTP/1.1 200"), head
        if len(body) < int(re.search(rb"Content-Length: (\d+)", head)[1]):
            return False
        self.answer = b""
        return True


def ask_all(links):
    """Has all links ask all they have to; seconds."""
    with selectors.DefaultSelector() as selector:
        begun, left = time.monotonic(), len(links)
        for link in links:
            link.ask_next()
            selector.register(link.socket, selectors.EVENT_READ, link)
        while left > 0:
            for key, _ in selector.select():
                if key.data.take():
                    selector.unregister(key.fileobj)
                    if key.data.ask_next():
                        selector.register(key.fileobj, selectors.EVENT_READ, key.data)
                    else:
                        left -= 1
        return time.monotonic() - begun


def segments_of(author, count):
    return [frame(SEGMENT, author.write(os.urandom(BODY_BYTES))) for _ in range(count)]


def measure_pushes(folder):
    bench = Bench(folder)
    for many, name in ((1, "one a request"), (MANY, f"{MANY} a request")):
        founder, charter = bench.found()
        devices = bench.members(founder, charter, DEVICES)
        before, links = bench.accepted(), []
        for device in devices:
            author = Author(device, charter.space)
            start = ask(charter.space, cursor=FAR, author=author)
            count = REQUESTS if many == 1 else 1
            links.append(Link(bench.relay.port, [
                request_of(device, start + b"".join(segments_of(author, many)))
                for _ in range(count)]))
        seconds = ask_all(links)
        stored = bench.accepted() - before
        assert stored == DEVICES * (REQUESTS if many == 1 else many), stored
        figure(f"segments of {EDITS} edits made durable, {name}", stored / seconds, "a second",
               at_least=3000)
    figure("memory of the relay at that, peak", bench.peak_mb(), "MB")
    bench.relay.stop()


class Store:
    """A relay with so many changes stored, of which ten more are pulled again and again."""

    def __init__(self, folder, changes):
        self.bench = Bench(folder)
        self.founder, self.charter = self.bench.found()
        self.space = self.charter.space
        self.reader, self.author = Device(self.bench.relay), Author(self.founder, self.space)
        self.times = []
        writers = self.bench.members(self.founder, self.charter, 20)
        self.reader = writers[-1]
        authors = [Author(device, self.space) for device in writers]
        left = changes // EDITS
        while left > 0:
            author = authors[left % len(authors)]
            count = min(left, MANY)
            answer = author.device.post(ask(self.space, cursor=FAR, author=author),
                                        *segments_of(author, count))
            assert not answer.refused, answer.refused
            author.segments[:-1] = [b""] * (len(author.segments) - 1)  # they are the relay's now
            left -= count
            if left % 40_000 < MANY:
                time.sleep(1)  # a device may ask so often only
        self.cursor = answer.spaces[0].position
        self.link = self.reader.connect()
        self.link.connect()

    def push(self):
        answer = self.founder.post(ask(self.space, cursor=FAR, author=self.author),
                                   *segments_of(self.author, 1))
        assert len(answer.accepted) == 1, answer.refused

    def pull(self):
        """Pulls what is new; notes how long that took."""
        body = ask(self.space, cursor=self.cursor, charter_count=len(self.charter.hashes))
        headers = {"Authorization": self.reader.authorization("POST", "/v1/sync")}
        begun = time.perf_counter()
        self.link.request("POST", "/v1/sync", body, headers)
        answer = self.link.getresponse().read()
        self.times.append(time.perf_counter() - begun)
        assert SEGMENT_BYTES < len(answer) < 2 * SEGMENT_BYTES, len(answer)
        self.cursor += 1

    def end(self):
        self.link.close()
        self.bench.relay.stop()
        return statistics.median(self.times) * 1000


def measure_pulls(folder, changes):
    stores = [Store(folder / f"store-{count}", count) for count in (SMALL, changes)]
    for _ in range(PULLS):
        for store in stores:
            store.push()
            store.pull()
    figure(f"changes stored, {SMALL:,}: pull of {EDITS} new ones, median", small := stores[0].end(),
           "ms")
    figure(f"changes stored, {changes:,}: pull of {EDITS} new ones, median", large := stores[1].end(),
           "ms")
    figure("the second by the first", large / small, "", at_most=1.2)


def measure_waiting(folder, count):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    bench, links = Bench(folder), []
    spaces = []
    while (left := count - sum(len(devices) for _, devices in spaces)) > 0:
        founder, charter = bench.found()
        spaces.append((charter.space, bench.members(founder, charter, min(left, MEMBERS_MAX))))
    for space, devices in spaces:
        target = f"/v1/wait?{space.hex()}={FAR}&seconds=300"
        for device in devices:
            links.append(Link(bench.relay.port, [request_of(device, b"", "GET", target)]))
            links[-1].ask_next()
    device = Device(bench.relay).connect()
    waiting = 0
    while waiting < count:
        device.request("GET", "/metrics")
        text = device.getresponse().read().decode()
        waiting = int(re.search(r"^kithd_waiting (\d+)$", text, re.M)[1])
    figure(f"devices that wait, {count:,}: memory of the relay, peak", bench.peak_mb(), "MB",
           at_most=100)
    for link in links:
        link.socket.close()
    device.close()
    bench.relay.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--folder", type=Path, help="where the relays keep what they store")
    parser.add_argument("--changes", type=int, default=1_000_000, help="in the large store")
    parser.add_argument("--waiting", type=int, default=10_000, help="devices that wait")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="relay-", dir=given.folder))
    try:
        measure_pushes(folder / "pushes")
        measure_pulls(folder, given.changes)
        measure_waiting(folder / "waiting", given.waiting)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tell()


if __name__ == "__main__":
    main()
