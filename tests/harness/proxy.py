#!/usr/bin/env python3
"""A network between a device and its relay: a TCP proxy on loopback that is as slow as told, breaks
when told, and counts what passes. It needs nothing of the kernel.

    with Proxy(port, up=64_000, down=128_000, rtt_ms=600) as link:
        ... # talk to link.port instead of port
    print(link.counts())

Each direction is one wire that all connections share. A piece of n bytes takes n * 8 / rate seconds
of it, from when it is free, and comes out half a round trip later. When a wire is free again is
computed and not measured, so that waking late now and then does not add up. A connection's first
bytes wait for the round trip that setting it up takes. Headers of TCP and IP do not count.

As a command it says where it listens and, when it is ended, what passed, as JSON:

    proxy.py PORT [--up BITS] [--down BITS] [--rtt MS] [--cut up:BYTES[:silent] ...]
             [--breaks BYTES]
"""
import argparse
import asyncio
import json
import random
import signal
import socket
import threading

LOOPBACK = "127.0.0.1"
# How far a wire is filled ahead: what comes faster waits at its sender, as behind a real modem.
BACKLOG_S = 0.25
# So much at most is with the kernel on the sender's side, or a whole upload would seem through at
# once.
SOCKET_BYTES = 16 * 1024
PIECE_BYTES_MIN, PIECE_BYTES_MAX = 1400, 16 * 1024
PIECES_MAX = 256  # under way on one connection, each way
# Between the last byte that a cut lets through and the end: some servers miss an end that comes
# together with data.
CUT_S = 0.03
WAYS = ("up", "down")


class Wire:
    """One direction: how fast it is, when it is free again, what passed."""

    def __init__(self):
        self.free_at = 0.0
        self.bytes = 0

    def shape(self, bits_per_second, delay_s):
        self.rate = bits_per_second / 8 if bits_per_second else None
        self.delay_s = delay_s
        # A hundredth of a second's worth, within reason: then many connections share it fairly.
        self.piece_bytes = PIECE_BYTES_MAX if self.rate is None else \
            min(PIECE_BYTES_MAX, max(PIECE_BYTES_MIN, int(self.rate / 100)))

    async def until_there_is_room(self):
        await asyncio.sleep(max(0.0, self.free_at - asyncio.get_running_loop().time() - BACKLOG_S))

    def send(self, count):
        """Sends so many bytes now; when they come out at the other end."""
        self.free_at = max(self.free_at, asyncio.get_running_loop().time())
        if self.rate is not None:
            self.free_at += count / self.rate
        return self.free_at + self.delay_s


async def take(wire, source, pieces):
    """Reads what a side sends and puts it on the wire. An empty piece is its end."""
    loop = asyncio.get_running_loop()
    piece = None
    while piece != b"":
        await wire.until_there_is_room()
        piece = await loop.sock_recv(source, wire.piece_bytes)
        await pieces.put((wire.send(len(piece)), piece))


async def give(wire, pieces, sink, allowance):
    """Hands on what comes out of the wire, as far as the allowance goes."""
    loop = asyncio.get_running_loop()
    while True:
        due, piece = await pieces.get()
        await asyncio.sleep(max(0.0, due - loop.time()))
        if piece == b"":
            sink.shutdown(socket.SHUT_WR)
            return
        piece = allowance.take(piece)
        wire.bytes += len(piece)
        await loop.sock_sendall(sink, piece)
        if allowance.left == 0:
            await asyncio.sleep(CUT_S)
            raise allowance.how


class Cut(Exception):
    """The network went away, as was ordered."""


class Silence(Cut):
    """It did, and the target hears nothing of it."""


class Allowance:
    """How many bytes may still pass on a connection before it is cut, and how; None for all."""

    def __init__(self, left=None, how=Cut):
        self.left, self.how = left, how

    def take(self, piece):
        if self.left is not None:
            piece = piece[:self.left]
            self.left -= len(piece)
        return piece


class Proxy:
    """The network. Bandwidths are bits a second, None for as fast as can be.

    Cuts are ("up" or "down", bytes): the first for the next connection, and so on. With a third
    part, "silent", the target is told nothing: as when a phone leaves its cell and gives its
    connection up, and no end of it ever reaches the relay. With breaks, a connection without a cut
    breaks after so many bytes both ways on average, as the seed has it.
    """

    def __init__(self, target_port, up=None, down=None, rtt_ms=0, cuts=(), breaks=None, seed=0):
        self.target = (LOOPBACK, target_port)
        self.wires = {way: Wire() for way in WAYS}
        self.shape(up, down, rtt_ms)
        self.cuts, self.breaks = list(cuts), breaks
        self.random = random.Random(seed)
        self.connections = self.broken = 0
        self.loop = asyncio.new_event_loop()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
        self.thread = threading.Thread(target=self.run, daemon=True)

    def shape(self, up=None, down=None, rtt_ms=0):
        """How slow it is from now on."""
        self.rtt_s = rtt_ms / 1000
        self.wires["up"].shape(up, self.rtt_s / 2)
        self.wires["down"].shape(down, self.rtt_s / 2)

    def open(self, port=0):
        self.listener.bind((LOOPBACK, port))
        self.listener.listen(128)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.accepting = self.loop.create_task(self.accept())
        self.thread.start()
        return self

    def close(self):
        """Ends every connection; counts stay."""
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.accepting.cancel)
            self.thread.join()
        self.listener.close()

    def __enter__(self):
        return self.open()

    def __exit__(self, *exception):
        self.close()

    @property
    def url(self):
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def up(self):
        """Bytes that reached the target."""
        return self.wires["up"].bytes

    @property
    def down(self):
        """Bytes that reached whoever connected."""
        return self.wires["down"].bytes

    def counts(self):
        return {"up": self.up, "down": self.down, "connections": self.connections,
                "broken": self.broken}

    def forget_counts(self):
        """Counts from nothing again."""
        self.connections = self.broken = 0
        for wire in self.wires.values():
            wire.bytes = 0

    def run(self):
        """The thread's work."""
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self.accepting)
        except asyncio.CancelledError:
            pass
        self.loop.close()

    async def accept(self):
        tasks = set()
        try:
            while True:
                client = (await self.loop.sock_accept(self.listener))[0]
                self.connections += 1
                task = self.loop.create_task(self.connect(client, self.next_allowances()))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def next_allowances(self):
        """Of the next connection, each way."""
        if self.cuts:
            cut_way, count, *how = self.cuts.pop(0)
            cut = Allowance(count, Silence if how == ["silent"] else Cut)
            return {way: cut if way == cut_way else Allowance() for way in WAYS}
        both = Allowance(1 + int(self.random.expovariate(1 / self.breaks)) if self.breaks else None)
        return {way: both for way in WAYS}

    async def connect(self, client, allowances):
        """One connection, from its first byte to its end, whatever that is."""
        server = socket.socket()
        server.setblocking(False)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
        try:
            await asyncio.sleep(self.rtt_s)
            await self.loop.sock_connect(server, self.target)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self.carry(client, server, allowances)
        except Silence:
            self.broken += 1
            hang_up(client)
            await asyncio.Event().wait()  # until the proxy itself ends
        except Cut:
            self.broken += 1
        except OSError:
            pass  # one side is gone: so is the other
        finally:
            hang_up(client)
            hang_up(server)

    async def carry(self, client, server, allowances):
        """Both directions, until both have ended or either breaks."""
        work = []
        for way, source, sink in (("up", client, server), ("down", server, client)):
            pieces = asyncio.Queue(PIECES_MAX)
            work += [take(self.wires[way], source, pieces),
                     give(self.wires[way], pieces, sink, allowances[way])]
        tasks = [self.loop.create_task(one) for one in work]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def hang_up(end):
    """Both directions at once, as when a network goes; what came before can still be read."""
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()


def read_cut(text):
    way, count, *how = (text if ":" in text else text + ":").split(":")
    if way not in WAYS or not count.isdigit() or int(count) == 0 or how not in ([], ["silent"]):
        raise argparse.ArgumentTypeError(
            f"{text} is no cut: give up:BYTES or down:BYTES, and :silent behind it if it is")
    return (way, int(count), *how)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("target", type=int, metavar="PORT", help="on loopback, of the relay")
    parser.add_argument("--listen", type=int, default=0, metavar="PORT", help="any if not said")
    parser.add_argument("--up", type=float, metavar="BITS", help="a second, to the relay")
    parser.add_argument("--down", type=float, metavar="BITS", help="a second, from the relay")
    parser.add_argument("--rtt", type=float, default=0, metavar="MS", help="round trip")
    parser.add_argument("--cut", type=read_cut, action="append", default=[], metavar="WAY:BYTES[:silent]",
                        help="break a connection there: the first the first, and so on")
    parser.add_argument("--breaks", type=float, metavar="BYTES",
                        help="break every connection, after so many bytes both ways on average")
    parser.add_argument("--seed", type=int, default=0, help="of where it breaks")
    given = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    link = Proxy(given.target, given.up, given.down, given.rtt, given.cut, given.breaks, given.seed)
    print(f"listening on {LOOPBACK}:{link.open(given.listen).port}", flush=True)
    signal.sigwait((signal.SIGINT, signal.SIGTERM))
    link.close()
    print(json.dumps(link.counts()), flush=True)


if __name__ == "__main__":
    main()
