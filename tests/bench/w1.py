#!/usr/bin/env python3
"""Workload W1 of the design, end to end through real processes: 20 devices, each 500 records of 15
fields and 1,000 edits of one field. A table on standard error, JSON on standard output, with the
budgets beside.

usage: w1.py WORKLOAD.mjs [DEVICES]      with KITH_COMMAND and KITHD_COMMAND set
"""
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from figures import figure, tell  # noqa: E402
from kith import Kith  # noqa: E402
from relay import Proxy, Relay  # noqa: E402

TWO_G = {"up": 64_000, "down": 128_000, "rtt_ms": 600}
SCHEMA = Path(__file__).resolve().parents[1] / "data" / "schema" / "w1-schema.json"


def fields(record):
    """As the schema has them: the two coordinates are one position."""
    given = {name: str(value) for name, value in record.items() if value != ""}
    given["position"] = f"{float(given.pop('lat')):.5f},{float(given.pop('lon')):.5f}"
    return given


def record_all(device, workload, number):
    """Has a device do its part of the workload, line by line; edits of what others made are left
    out. Each line is answered when it is durable."""
    out = subprocess.run(["node", workload, str(number)], check=True, capture_output=True).stdout
    ids = {}
    with device.start("add", "-") as process:
        for op in map(json.loads, out.splitlines()):
            if op["op"] == "new":
                line = {"kind": "w1_case", "fields": fields(op["rec"])}
            elif op["id"] in ids:
                line = {"id": ids[op["id"]], "fields": {op["f"]: str(op["v"])}}
            else:
                continue
            process.stdin.write(json.dumps(line).encode() + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline().decode().strip()
            ids.setdefault(op["id"], answer)
        process.stdin.close()
        assert process.wait(60) == 0, process.stderr.read()
    return list(ids.values())


def timed(work):
    start = time.monotonic()
    work()
    return time.monotonic() - start


def point(device, url, relay):
    device.must("space", "relay", url, "--pin", relay.pin)


def sync_through(device, relay, **shape):
    """Syncs over a link of its own: seconds, bytes up, bytes down, requests."""
    link = Proxy(relay.port, **shape).open()
    point(device, relay.url.replace(str(relay.port), str(link.port)), relay)
    answer = {}
    seconds = timed(lambda: answer.update(device.json("sync")))
    point(device, relay.url, relay)
    link.close()
    return seconds, link.up, link.down, answer["requests"]


def join(device, office):
    device.init(device.home.name)
    invite = office.must("invite").text.strip()
    device.must("join", invite)
    return device


def record(device, lines):
    device.must("add", "-", stdin="".join(json.dumps(line) + "\n" for line in lines).encode(),
                timeout=600)


def edits(device, ids):
    record(device, [{"id": id_, "fields": {"notes": f"seen again at the market, {id_}"}}
                    for id_ in ids])


def size_of(folder):
    return sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6


def found(folder, *options):
    """A relay, and an office that has founded the space there."""
    folder.mkdir(exist_ok=True)
    relay = Relay(folder / "relay", *options).start()
    office = Kith(folder / "office").init("office")
    office.must("space", "create", "W1", "--relay", relay.url, "--pin", relay.pin, "--token",
                relay.token)
    office.must("schema", "add", str(SCHEMA))
    office.must("sync")
    return relay, office


def join_all(folder, office, count):
    return [join(Kith(folder / f"device{n}"), office) for n in range(count)]


def push_with_tls(folder, workload, device_count):
    """How long the first push of one device of as many takes over 2G with TLS."""
    relay, office = found(folder)
    number = 7 % device_count
    device = join_all(folder, office, device_count)[number]
    record_all(device, workload, number)
    seconds = sync_through(device, relay, **TWO_G)[0]
    relay.stop()
    return seconds


def main(workload, device_count):
    folder = Path(tempfile.mkdtemp(prefix="w1-"))
    relay, office = found(folder, "--tls", "off")
    devices = join_all(folder, office, device_count)
    ids = [record_all(device, workload, number) for number, device in enumerate(devices)]
    first, slow = devices[7 % device_count], devices[3 % device_count]
    # With nothing to receive yet: only what it sends counts.
    seconds, up, _, requests = sync_through(first, relay, **TWO_G)
    figure("first push of a device, bytes up", up / 1e3, "KB", 51)
    figure("requests for it", requests, "", 1)
    figure("the same over 2G", seconds, "s", 8)
    figure("the same over 2G, with TLS",
           push_with_tls(folder / "sealed", workload, device_count), "s", 9)
    for device in devices:
        device.must("sync")
    relay.stop()
    figure("relay's store afterwards", size_of(folder / "relay"), "MB", 1.1)
    relay.start()
    late = join_late(folder, office, "late", relay)
    seconds, up, down, _ = late
    figure("fresh device fetches all, bytes both ways", (up + down) / 1e6, "MB", 1.0)
    figure("fresh device on loopback, applied and durable", seconds, "s", 0.8)
    figure("fresh device over 2G", join_late(folder, office, "slow", relay, **TWO_G)[0], "s", 66)
    figure("its peak memory", peak_of_join(folder, office), "MB", 15)
    figure("its database", size_of(folder / "late"), "MB", 8)
    office.must("sync")
    first.must("sync")
    seconds, up, down, requests = sync_through(first, relay)
    figure("nothing to do, bytes both ways", up + down, "B", 700)
    figure("requests for that", requests, "", 1)
    figure("nothing to do over 2G", sync_through(first, relay, **TWO_G)[0], "s", 1.4)
    edits(first, ids[7 % device_count][:10])
    seconds, up, down, requests = sync_through(first, relay, **TWO_G)
    figure("10 edits pushed, bytes both ways", (up + down) / 1e3, "KB", 1.6)
    figure("10 edits pushed over 2G", seconds, "s", 1.5)
    figure("requests for that, pushed", requests, "", 1)
    slow.must("sync")
    edits(first, ids[7 % device_count][10:20])
    first.must("sync")
    seconds, up, down, requests = sync_through(slow, relay, **TWO_G)
    figure("10 edits pulled, bytes both ways", (up + down) / 1e3, "KB", 1.6)
    figure("10 edits pulled over 2G", seconds, "s", 1.5)
    figure("requests for that, pulled", requests, "", 1)
    relay.stop()
    tell()


def join_late(folder, office, name, relay, **shape):
    """A new device that fetches everything as it joins: seconds, bytes up, bytes down."""
    device = Kith(folder / name).init(name)
    link = Proxy(relay.port).open()
    invite = invite_for(office, relay, link)
    link.shape(**shape)
    link.forget_counts()
    seconds = timed(lambda: device.must("join", invite, timeout=900))
    link.close()
    device.must("space", "relay", relay.url)
    return seconds, link.up, link.down, 0


def invite_for(office, relay, link):
    """An invite that leads over the link, which is not slow yet."""
    office.must("space", "relay", link.url)
    invite = office.must("invite").text.strip()
    office.must("space", "relay", relay.url)
    return invite


def peak_of_join(folder, office):
    """The most memory that a joining device's process had at a time, in MB, as the kernel keeps it
    for the program itself: what wait4() tells includes the test's own process before the program
    took its place."""
    device = Kith(folder / "measured").init("measured")
    invite = office.must("invite").text.strip()
    process = device.start("join", invite)
    peak = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except ProcessLookupError:
            break
        peak = max([peak] + [int(line.split()[1]) for line in status.splitlines()
                             if line.startswith("VmHWM:")])
        time.sleep(0.002)
    assert process.wait() == 0
    return peak * 1024 / 1e6


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20)
