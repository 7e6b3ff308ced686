#!/usr/bin/env python3
"""Reads proto/vectors/charter.json with nothing but the specification: a second reader, so that the
first cannot be wrong unnoticed. The charter must come to the members that are listed, each of them
must be able to open the keys, and what must be refused must be refused here, too, for the same kind
of reason.

usage: charter.py charter.json
"""
import base64
import ctypes
import ctypes.util
import hashlib
import json
import re
import sys
from pathlib import Path

SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium"))
FOUND, INVITE, ADMIT, REVOKE, ROTATE, WITHDRAW, APPOINT = range(1, 8)
ADMIN = 4
ENTRY_MAX, ENTRIES_MAX, KEYS_MAX, AUTHORS_MAX = 256 << 10, 65535, 3000, 128
DAMAGED, DENIED, GAP, FORKED, NEWER, SYNTAX = (
    "KITH_E_DAMAGED", "KITH_E_DENIED", "KITH_E_GAP", "KITH_E_FORKED", "KITH_E_NEWER",
    "KITH_E_SYNTAX")


class Refused(Exception):
    """What was read is not what the specification says."""

    def __init__(self, status, why):
        super().__init__(f"{status}: {why}")
        self.status = status


def need(condition, why, status=DAMAGED):
    if not condition:
        raise Refused(status, why)


def hash_of(purpose, data):
    return hashlib.blake2b(data, digest_size=32, person=purpose.ljust(16, b"\0")).digest()


def is_signed(signature, purpose, message, key):
    message = hash_of(purpose, message)
    return SODIUM.crypto_sign_verify_detached(
        signature, message, ctypes.c_ulonglong(len(message)), key) == 0


def unsealed(sealed, associated, key):
    """24 bytes of nonce, then XChaCha20-Poly1305; None if it does not open."""
    plain = ctypes.create_string_buffer(len(sealed))
    opened = SODIUM.crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain, None, None, sealed[24:], ctypes.c_ulonglong(len(sealed) - 24), associated,
        ctypes.c_ulonglong(len(associated)), sealed[:24], key)
    return plain.raw[:len(sealed) - 40] if opened == 0 else None


class Keys:
    """What a seed makes (proto/spec/model.md, section 1)."""

    def __init__(self, seed):
        self.sign, _ = self.pair(SODIUM.crypto_sign_seed_keypair, seed, 1, 64)
        self.box, self.box_secret = self.pair(SODIUM.crypto_box_seed_keypair, seed, 2, 32)

    @staticmethod
    def pair(make, seed, subkey, secret_bytes):
        subseed = hashlib.blake2b(b"", digest_size=32, key=seed, person=b"kithdev1",
                                  salt=subkey.to_bytes(8, "little")).digest()
        public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(secret_bytes)
        make(public, secret, subseed)
        return public.raw, secret.raw

    def open(self, sealed):
        """What is in a sealed box, or None."""
        plain = ctypes.create_string_buffer(len(sealed))
        opened = SODIUM.crypto_box_seal_open(
            plain, sealed, ctypes.c_ulonglong(len(sealed)), self.box, self.box_secret)
        return plain.raw[:len(sealed) - 48] if opened == 0 else None


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def left(self):
        return len(self.data) - self.at

    def bytes(self, length):
        need(length <= self.left(), "it ends early")
        self.at += length
        return self.data[self.at - length:self.at]

    def number(self, length):
        return int.from_bytes(self.bytes(length), "big")

    def varint(self):
        number = shift = 0
        while True:
            byte = self.number(1)
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                need(byte or shift == 7, "a number in a longer form")
                need(number < 1 << 64, "a number past 64 bits")
                return number

    def end(self):
        need(self.left() == 0, "bytes behind the end")


class Charter:
    def __init__(self):
        self.space = None
        self.hashes = []
        self.members = []  # in the order of admission
        self.invites = {}  # by the number of the entry
        self.epochs = []   # (commitment, old key)
        self.sealed_name = b""
        self.given = []    # (epoch, box of who is given its key, what is sealed to that)

    def member(self, sign):
        """The member with this key, unless it was revoked."""
        found = [m for m in self.members if m["sign"] == sign and not m["revoked"]]
        return found[0] if found else None

    def boxes(self, left_out=None):
        """Whom a rekey gives the new key, in this order (section 3)."""
        members = [m["box"] for m in self.members if not m["revoked"] and m["sign"] != left_out]
        return members + [i["box"] for i in self.invites.values() if i["uses"]]

    def read(self, data):
        """Takes the next entry (sections 1 and 5)."""
        need(data and data[0], "a version")
        need(data[0] == 1, "a version of later", NEWER)
        need(150 <= len(data) <= ENTRY_MAX, "a size")
        head, signature = Reader(data[1:86]), data[-64:]
        kind, space, number = head.number(1), head.bytes(16), head.number(4)
        before, issuer = head.bytes(32), head.bytes(32)
        need(is_signed(signature, b"kith charter", data[:-64], issuer), "the signature")
        need(number > 0, "number 0")
        need(number <= len(self.hashes) + 1, "entries are missing before", GAP)
        need(number == len(self.hashes) + 1, "its place is taken", FORKED)
        need(before == (self.hashes[-1] if self.hashes else bytes(32)), "another before", FORKED)
        need(number <= ENTRIES_MAX, "too many entries")
        if number == 1:
            need(space == bytes(16), "a founding names no space")
        else:
            need(space == self.space, "another space", DENIED)
        need((kind == FOUND) == (number == 1), "a founding stands first", DENIED)
        need(FOUND <= kind <= APPOINT, "a kind of later", NEWER)
        if kind not in (FOUND, ADMIT):
            member = self.member(issuer)
            need(member and member["role"] == ADMIN, "the issuer is no admin", DENIED)
        body = Reader(data[86:-64])
        take = {FOUND: self.found, INVITE: self.invite, ADMIT: self.admit, REVOKE: self.revoke,
                ROTATE: self.rotate, WITHDRAW: self.withdraw, APPOINT: self.appoint}[kind]
        take(body, number, issuer)
        need(any(m["role"] == ADMIN and not m["revoked"] for m in self.members), "no admin", DENIED)
        need(len(self.boxes()) <= KEYS_MAX, "too many members and invites", DENIED)
        if number == 1:
            self.space = hash_of(b"kith space", data)[:16]
        self.hashes.append(hash_of(b"kith entry", data))

    def add_member(self, sign, box, role, number, invite):
        self.members.append({"sign": sign, "box": box, "role": role, "admitted": number,
                             "invite": invite, "revoked": 0, "wipe": False, "last_segments": []})

    def found(self, body, number, issuer):
        box, commitment = body.bytes(32), body.bytes(32)
        self.sealed_name = body.bytes(body.varint())
        body.end()
        need(40 <= len(self.sealed_name) <= 240, "a sealed name's size")
        self.epochs.append((commitment, None))
        self.add_member(issuer, box, ADMIN, number, 0)

    def invite(self, body, number, _):
        role, _, uses = body.number(1), body.number(6), body.number(2)
        sign, box, sealed = body.bytes(32), body.bytes(32), body.bytes(84)
        body.end()
        need(1 <= role <= ADMIN, "a role")
        need(uses > 0, "no uses")
        self.invites[number] = {"role": role, "uses": uses, "sign": sign, "box": box}
        self.given.append((len(self.epochs), box, sealed))

    def admit(self, body, number, issuer):
        invite, box, signature = body.number(4), body.bytes(32), body.bytes(64)
        body.end()
        by = self.invites.get(invite)
        need(by and by["uses"], "no invite that admits", DENIED)
        need(all(m["sign"] != issuer for m in self.members), "it was a member", DENIED)
        need(is_signed(signature, b"kith admit", self.space + issuer + box, by["sign"]),
             "not by the invite", DENIED)
        by["uses"] -= 1
        self.add_member(issuer, box, by["role"], number, invite)

    def rekey(self, body, left_out=None):
        commitment, old_key = body.bytes(32), body.bytes(72)
        keys = [body.bytes(84) for _ in range(body.varint())]
        body.end()
        boxes = self.boxes(left_out)
        need(len(keys) == len(boxes), "not for just those who remain", DENIED)
        self.epochs.append((commitment, old_key))
        self.given += [(len(self.epochs), box, key) for box, key in zip(boxes, keys)]

    def revoke(self, body, number, _):
        device, flags = body.bytes(32), body.number(1)
        last = [{"incarnation": body.bytes(16), "number": body.number(6), "header": body.bytes(32)}
                for _ in range(body.varint())]
        need(flags <= 1, "flags")
        need(len(last) <= AUTHORS_MAX, "too many authors")
        need(len({item["incarnation"] for item in last}) == len(last), "an author twice")
        member = self.member(device)
        need(member, "no member", DENIED)
        self.rekey(body, device)
        member.update(revoked=number, wipe=bool(flags), last_segments=last)

    def rotate(self, body, _number, _issuer):
        self.rekey(body)

    def withdraw(self, body, _number, _issuer):
        invite = self.invites.get(body.number(4))
        body.end()
        need(invite and invite["uses"], "no invite to withdraw", DENIED)
        invite["uses"] = 0

    def appoint(self, body, _number, _issuer):
        member, role = self.member(body.bytes(32)), body.number(1)
        body.end()
        need(1 <= role <= ADMIN, "a role")
        need(member, "no member", DENIED)
        member["role"] = role


def read_charter(entries):
    charter = Charter()
    for entry in entries:
        charter.read(bytes.fromhex(entry["entry"]))
        need(charter.hashes[-1].hex() == entry.get("hash", charter.hashes[-1].hex()),
             "an entry's hash")
    return charter


def check_members(charter, expected):
    def listed(member):
        last = [{**item, "incarnation": item["incarnation"].hex(), "header": item["header"].hex()}
                for item in member["last_segments"]]
        return {**member, "sign": member["sign"].hex(), "last_segments": last}

    members = [listed(member) for member in charter.members]
    for member in members:
        del member["box"]
    need(members == expected, f"other members:\n{members}\n{expected}")


def check_keys(charter, holders, keys, name):
    """Section 2: what is sealed to whom, commitments, the way back, the name."""
    need(len(keys) == len(charter.epochs), "epochs")
    for epoch, (key, (commitment, old_key)) in enumerate(zip(keys, charter.epochs), 1):
        need(hash_of(b"kith commitment", key) == commitment, f"the commitment to key {epoch}")
        if epoch > 1:
            before = unsealed(old_key, epoch.to_bytes(4, "big"), hash_of(b"kith old key", key))
            need(before == keys[epoch - 2], f"the way back from key {epoch}")
    for epoch, box, sealed in charter.given:
        need(box in [holder.box for holder in holders], "a key that nobody can open")
        for holder in holders:
            opened = holder.open(sealed)
            expected = epoch.to_bytes(4, "big") + keys[epoch - 1] if holder.box == box else None
            need(opened == expected, f"a key of epoch {epoch}")
    opened = unsealed(charter.sealed_name, b"", hash_of(b"kith space name", keys[0]))
    need(opened is not None and opened.decode() == name, "the name")


def read_invite(text):
    """Section 4."""
    need(re.fullmatch(r"kith:[A-Za-z0-9_-]*", text) is not None, "letters", SYNTAX)
    letters = text[5:]
    need(len(letters) % 4 != 1, "letters", SYNTAX)
    data = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4))
    need(base64.urlsafe_b64encode(data).decode().rstrip("=") == letters, "letters", SYNTAX)
    need(len(data) > 4 and hash_of(b"kith invite text", data[:-4])[:4] == data[-4:], "hash", SYNTAX)
    need(data[0] <= 1, "a version of later", NEWER)
    need(data[0] == 1 and len(data) >= 42, "parts", SYNTAX)
    flags, rest = data[37], data[38:-4]
    need(flags <= 1 and len(rest) >= 32 * flags, "parts", SYNTAX)
    relay = rest[32 * flags:]
    need(len(relay) <= 200 and re.fullmatch(rb"(https?://[!-~]+)?", relay) is not None, "a relay",
         SYNTAX)
    return {"space": data[1:17], "entry": int.from_bytes(data[17:21], "big"),
            "secret": data[21:37], "pin": rest[:32 * flags], "relay": relay.decode()}


def check_invite(charter, case):
    read = read_invite(case["text"])
    keys = Keys(hash_of(b"kith invite", read["secret"]))
    need(read["space"] == charter.space and read["entry"] == case["entry"], "space or entry")
    need(read["secret"].hex() == case["secret"] and read["pin"].hex() == case["pin"], "secrets")
    need(read["relay"] == case["relay"], "the relay")
    invite = charter.invites[read["entry"]]
    need(invite["sign"] == keys.sign and invite["box"] == keys.box, "the invite's keys")
    return keys


def status_of(read):
    try:
        read()
    except Refused as refusal:
        return refusal.status
    return "taken"


def main(path):
    vectors = json.loads(Path(path).read_text(encoding="utf-8"))
    entries = vectors["entries"]
    charter = read_charter(entries)
    check_members(charter, vectors["members"])
    holders = []
    for device in vectors["devices"]:
        keys = Keys(bytes.fromhex(device["seed"]))
        need(keys.sign.hex() == device["sign"] and keys.box.hex() == device["box"], device["name"])
        holders.append(keys)
    holders += [check_invite(charter, case) for case in vectors["invites"]]
    check_keys(charter, holders, [bytes.fromhex(e["key"]) for e in vectors["epochs"]],
               vectors["name"])
    faults = []
    for case in vectors["refused"]:
        before = read_charter(entries[:case["after"]])
        status = status_of(lambda: before.read(bytes.fromhex(case["entry"])))
        if status != case["status"]:
            faults.append(f"{case['name']}: {status}")
    for case in vectors["refused_texts"]:
        status = status_of(lambda: read_invite(case["text"]))
        if status != case["status"]:
            faults.append(f"{case['name']}: {status}")
    print("\n".join(faults) or f"{len(entries)} entries read, {len(charter.given)} keys opened, "
          f"{len(vectors['refused']) + len(vectors['refused_texts'])} refused")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
