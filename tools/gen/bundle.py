#!/usr/bin/env python3
"""Reads proto/vectors/bundle.json with nothing but the specification, as a device does that is no
member of the space: what is kept, what is refused, and where damage shows must be what is listed.

usage: bundle.py bundle.json
"""
import json
import sys
from pathlib import Path

from charter import Charter, Reader, Refused, hash_of, is_signed, need

CARRY, ENTRY, HOLDS, SEGMENT, SUM = 7, 2, 8, 3, 15
FRAME_MAX, BODY_MAX, HOLDS_MAX, NUMBER_MAX = (1 << 20) + 1024, 1 << 20, 16384, (1 << 40) - 1
OK, DAMAGED, NEWER, SYNTAX = "KITH_OK", "KITH_E_DAMAGED", "KITH_E_NEWER", "KITH_E_SYNTAX"
WORKER = 2


class Bundle:
    """A bundle being read (sections 1 and 3)."""

    def __init__(self, data):
        self.data = data
        self.damaged_at = None
        self.kept, self.refused = set(), 0
        self.charters = {}  # by space; None at the end of one that goes no further
        self.space = None
        self.stopped = False  # the charter of this part goes no further
        self.counts = {CARRY: 0, ENTRY: 0, SEGMENT: 0}

    def damage(self, at):
        if self.damaged_at is None:
            self.damaged_at = at

    def read(self):
        """The status; the rest is in the members."""
        if self.data[:7] != b"KITHBDL" or self.data[7:8] < b"1":
            return SYNTAX
        if self.data[7:8] > b"1":
            return NEWER
        at = 8
        ended = False
        while at < len(self.data):
            reader = Reader(self.data[at:])
            try:
                kind, length = reader.number(1), reader.varint()
                need(length <= FRAME_MAX, "a frame is too long")
                payload = reader.bytes(length)
                need(not ended, "something behind the sum")
                need(self.space is not None or kind in (CARRY, SUM), "of no space")
                need(self.take(kind, payload, at), "a frame that is none")
            except Refused:
                self.damage(at)
                return DAMAGED
            ended = kind == SUM
            at += reader.at
        if not ended:
            self.damage(at)
        return OK if self.damaged_at is None else DAMAGED

    def take(self, kind, payload, at):
        """False if no further frame can be made out."""
        if kind in self.counts:
            self.counts[kind] += 1
        if kind == CARRY:
            self.space, self.stopped = payload, False
            return len(payload) == 16
        if kind == ENTRY:
            self.take_entry(payload, at)
        elif kind == SEGMENT:
            self.take_segment(payload, at)
        elif kind == SUM:
            self.check_sum(payload, at)
        elif kind == HOLDS:
            check_holds(payload, self.space)
        return kind in (CARRY, ENTRY, SEGMENT, SUM, HOLDS)

    def take_entry(self, entry, at):
        charter = self.charters.setdefault(self.space, Charter())
        if self.stopped or hash_of(b"kith entry", entry) in charter.hashes:
            return
        try:
            founds = not charter.hashes
            charter.read(entry)
            need(not founds or charter.space == self.space, "it founds another space")
            self.kept.add(entry)
        except Refused:
            self.stopped = True
            self.damage(at)

    def take_segment(self, segment, at):
        header, body = segment[:235], segment[235:]
        if segment in self.kept:
            return
        if not is_sound(header, body):
            self.refused += 1
            self.damage(at)
        elif header[1:17] != self.space or not self.counts_for(header):
            self.refused += 1
        else:
            self.kept.add(segment)

    def counts_for(self, header):
        """Whether the charter counts a segment (charter.md, section 3)."""
        charter = self.charters.setdefault(self.space, Charter())
        sign, incarnation = header[17:49], header[49:65]
        number = int.from_bytes(header[65:71], "big")
        for member in charter.members:
            if member["sign"] != sign or member["role"] < WORKER:
                continue
            for last in member["last_segments"]:
                if last["incarnation"] == incarnation:
                    is_it = hash_of(b"kith header", header) == last["header"]
                    return number < last["number"] or (number == last["number"] and is_it)
            return not member["revoked"]
        return False

    def check_sum(self, payload, at):
        reader = Reader(payload)
        try:
            told = [reader.varint() for _ in range(3)]
            digest = reader.bytes(32)
            reader.end()
            need(told == [self.counts[k] for k in (CARRY, ENTRY, SEGMENT)], "a count")
            need(digest == hash_of(b"kith bundle", self.data[:at]), "the hash")
        except Refused:
            self.damage(at)


def is_sound(header, body):
    if len(header) < 235 or header[0] != 1 or not 0 < len(body) <= BODY_MAX:
        return False
    number, epoch = int.from_bytes(header[65:71], "big"), int.from_bytes(header[71:75], "big")
    return (0 < number <= NUMBER_MAX and epoch > 0 and
            hash_of(b"kith body", body) == header[139:171] and
            is_signed(header[171:], b"kith segment", header[:171], header[17:49]))


def check_holds(payload, space):
    """A stranger has no use for it; those that are listed are right."""
    reader = Reader(payload[:-64])
    device = reader.bytes(32)
    heads = [(reader.bytes(10), reader.varint(), reader.bytes(32)) for _ in range(reader.varint())]
    reader.end()
    text = hash_of(b"kith held", space + payload[:-64])
    need(len(heads) <= HOLDS_MAX and is_signed(payload[-64:], b"kith holds", text, device), "holds")


def main(path):
    vectors = json.loads(Path(path).read_text(encoding="utf-8"))
    faults = []
    for case in vectors["bundles"]:
        bundle = Bundle(bytes.fromhex(case["bundle"]))
        found = (bundle.read(), bundle.damaged_at, len(bundle.kept), bundle.refused)
        told = (case["status"], case.get("damaged_at"), case["kept"], case["refused"])
        if found != told:
            faults.append(f"{case['name']}: {found}, not {told}")
    print("\n".join(faults) or f"{len(vectors['bundles'])} bundles read")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
