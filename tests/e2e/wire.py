"""A device that speaks to a relay by the words of proto/spec alone, so that what kithd takes and
gives does not hang on the library that it shares code with. It can also say what no device would."""
import base64
import ctypes
import hashlib
import http.client
import os
import ssl
import sys
import time
from collections import namedtuple
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "gen"))

from charter import SODIUM, Charter, Keys, Reader, hash_of  # noqa: E402

ASK, ENTRY, SEGMENT, REST, TOKEN = range(1, 6)
(RELAY, SPACE, GIVEN_ENTRY, ACCEPTED, REFUSED, STAGED, HEADS, GIVEN, GIVEN_REST, END,
 FAILURE) = range(16, 27)
WITH_HEADS, PARTIAL, WANTS_HEADS, PROBES = 1, 2, 4, 8
E_LIMIT, E_SYNTAX, E_DENIED, E_GAP, E_PULL, E_HELD = 4, 8, 10, 11, 12, 13
E_BUSY, E_TIME, E_QUOTA, E_DAMAGED, E_FORKED = 32, 34, 80, 128, 130
UNKNOWN, NO_MEMBER, REVOKED = 1, 2, 4
READER, WORKER, SUPERVISOR, ADMIN = range(1, 5)
NEVER = (1 << 48) - 1
TIMEOUT_S = 20

Space = namedtuple("Space", "space position count head flags")
Accepted = namedtuple("Accepted", "author number header")
Refused = namedtuple("Refused", "author number status text")
Staged = namedtuple("Staged", "author number header offset")
Given = namedtuple("Given", "position offset bytes")


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def frame(kind, payload):
    return bytes([kind]) + varint(len(payload)) + payload


def frames_of(data):
    """What an answer consists of: (type, payload), which must be whole to the last byte."""
    reader, frames = Reader(data), []
    while reader.left():
        kind = reader.number(1)
        frames.append((kind, reader.bytes(reader.varint())))
    return frames


def read_space(payload):
    r = Reader(payload)
    return Space(r.bytes(16), r.varint(), r.varint(), r.bytes(32), r.varint())


def read_accepted(payload):
    r = Reader(payload)
    return Accepted(r.bytes(10), r.varint(), r.bytes(32))


def read_refused(payload):
    r = Reader(payload)
    return Refused(r.bytes(10), r.varint(), r.varint(), r.bytes(r.left()).decode())


def read_staged(payload):
    r = Reader(payload)
    return Staged(r.bytes(10), r.varint(), r.bytes(32), r.varint())


def read_given(kind, payload):
    r = Reader(payload)
    return Given(r.varint(), r.varint() if kind == GIVEN_REST else 0, r.bytes(r.left()))


class Answer:
    def __init__(self, code, headers, body):
        self.code, self.headers, self.body = code, headers, body
        self.frames = frames_of(body)

    def all(self, kind):
        return [payload for found, payload in self.frames if found == kind]

    @property
    def spaces(self):
        return [read_space(payload) for payload in self.all(SPACE)]

    @property
    def accepted(self):
        return [read_accepted(payload) for payload in self.all(ACCEPTED)]

    @property
    def refused(self):
        return [read_refused(payload) for payload in self.all(REFUSED)]

    @property
    def staged(self):
        return [read_staged(payload) for payload in self.all(STAGED)]

    @property
    def given(self):
        return [read_given(kind, payload) for kind, payload in self.frames
                if kind in (GIVEN, GIVEN_REST)]

    @property
    def end(self):
        return Reader(self.all(END)[-1]).varint()

    @property
    def failure(self):
        """The status that the answer ended with, or None."""
        found = self.all(FAILURE)
        return Reader(found[0]).varint() if found else None

    @property
    def relay(self):
        """The relay's epoch and its time."""
        r = Reader(self.all(RELAY)[0])
        assert r.number(1) == 1
        return r.bytes(16), r.number(6)


class Author:
    """A device's writing life in a space: it makes the next segment, and remembers."""

    def __init__(self, device, space, incarnation=None):
        self.device, self.space = device, space
        self.incarnation = incarnation or os.urandom(16)
        self.segments = []
        self.id = hash_of(b"kith author", device.keys.sign + self.incarnation)[:10]

    def header_hash(self, number):
        return hash_of(b"kith header", self.segments[number - 1][:235]) if number else bytes(32)

    def make(self, body, number=None, previous=None):
        """A segment after those that there are, or one that says it is another."""
        count = len(self.segments)
        number = count + 1 if number is None else number
        previous = self.header_hash(count) if previous is None else previous
        head = (b"\1" + self.space + self.device.keys.sign + self.incarnation +
                number.to_bytes(6, "big") + (1).to_bytes(4, "big") + previous + bytes(32) +
                hash_of(b"kith body", body))
        return head + self.device.sign(b"kith segment", head) + body

    def write(self, body=b"sealed"):
        self.segments.append(self.make(body))
        return self.segments[-1]


class Device:
    def __init__(self, relay, seed=None):
        self.relay, self.seed = relay, seed or os.urandom(32)
        self.keys = Keys(self.seed)
        subseed = hash_keyed(self.seed, 1)
        public, self.secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_seed_keypair(public, self.secret, subseed)

    def sign(self, purpose, message):
        signature, message = ctypes.create_string_buffer(64), hash_of(purpose, message)
        SODIUM.crypto_sign_detached(signature, None, message, ctypes.c_ulonglong(len(message)),
                                    self.secret)
        return signature.raw

    def authorization(self, method, target, time_ms=None, nonce=None):
        time_ms = int(time.time() * 1000) if time_ms is None else time_ms
        rest = time_ms.to_bytes(6, "big") + (nonce or os.urandom(12))
        signature = self.sign(b"kith request", f"{method} {target}\0".encode() + rest)
        text = base64.urlsafe_b64encode(self.keys.sign + rest + signature).decode().rstrip("=")
        return "Kith1 " + text

    def connect(self):
        if "off" in self.relay.options:
            return http.client.HTTPConnection("127.0.0.1", self.relay.port, timeout=TIMEOUT_S)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the pin is checked
        return http.client.HTTPSConnection("127.0.0.1", self.relay.port, context=context,
                                           timeout=TIMEOUT_S)

    def request(self, method, target, body=None, **proof):
        link = self.connect()
        link.request(method, target, body,
                     {"Authorization": self.authorization(method, target, **proof)})
        answer = link.getresponse()
        result = Answer(answer.status, dict(answer.getheaders()), answer.read())
        link.close()
        return result

    def post(self, *frames, **proof):
        return self.request("POST", "/v1/sync", b"".join(frames), **proof)

    def wait(self, space, cursor, seconds=None):
        target = f"/v1/wait?{space.hex()}={cursor}"
        return self.request("GET", target if seconds is None else f"{target}&seconds={seconds}")

    # Entries of a charter.

    def entry(self, charter, kind, body):
        space = charter.space or bytes(16)
        head = (bytes([1, kind]) + space + (len(charter.hashes) + 1).to_bytes(4, "big") +
                (charter.hashes[-1] if charter.hashes else bytes(32)) + self.keys.sign + body)
        entry = head + self.sign(b"kith charter", head)
        charter.read(entry)
        return entry

    def found(self, charter):
        return self.entry(charter, 1, self.keys.box + bytes(32) + varint(40) + bytes(40))

    def invite(self, charter, keys, role=WORKER, expires_ms=NEVER, uses=1):
        return self.entry(charter, 2, bytes([role]) + expires_ms.to_bytes(6, "big") +
                          uses.to_bytes(2, "big") + keys.sign + keys.box + bytes(84))

    def admit(self, charter, number, inviter):
        """Joins by the invite of an entry; `inviter` signs as that invite's key."""
        signature = inviter.sign(b"kith admit", charter.space + self.keys.sign + self.keys.box)
        return self.entry(charter, 3, number.to_bytes(4, "big") + self.keys.box + signature)

    def revoke(self, charter, device, last=()):
        """Takes a device out; `last` are its authors' segments that count."""
        named = b"".join(author.incarnation + number.to_bytes(6, "big") +
                         author.header_hash(number) for author, number in last)
        keys = len(charter.boxes(device.keys.sign))
        return self.entry(charter, 4, device.keys.sign + b"\0" + varint(len(last)) + named +
                          bytes(32) + bytes(72) + varint(keys) + bytes(84 * keys))


def hash_keyed(seed, subkey):
    return hashlib.blake2b(b"", digest_size=32, key=seed, person=b"kithdev1",
                           salt=subkey.to_bytes(8, "little")).digest()


def ask(space, cursor=0, author=None, own_head=0, charter_count=0, flags=0, more=b""):
    """An ask frame. `more` is what the flags promise."""
    incarnation = author.incarnation if author else bytes(16)
    return frame(ASK, space + varint(cursor) + bytes(16) + varint(charter_count) + bytes(32) +
                 incarnation + varint(own_head) + varint(flags) + more)
