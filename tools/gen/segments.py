#!/usr/bin/env python3
"""Reads proto/vectors/segments.json with nothing but the specification: a second decoder, so that
the first cannot be wrong unnoticed. Each segment must hold the commits of the block beside it, and
what must be refused must be refused here, too.

usage: segments.py segments.json
"""
import ctypes
import ctypes.util
import hashlib
import json
import sys
import zlib
from pathlib import Path

SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium"))
PROTO = Path(__file__).resolve().parents[2] / "proto"
PRESET = b"".join(word.encode() + b"\0" for word in json.loads(
    (PROTO / "segment" / "preset-1.json").read_text(encoding="utf-8"))["words"])
INFLATED_MAX = 4 << 20
NUMBER_MAX = (1 << 40) - 1
CREATE, EDIT, REMOVE, KEEP = range(4)
SET, CLEAR, ADD, TAKE = range(4)


class Damaged(Exception):
    """What was read is not what the specification says."""


def need(condition, what):
    if not condition:
        raise Damaged(what)


def hash_of(purpose, data):
    return hashlib.blake2b(data, digest_size=32, person=purpose.ljust(16, b"\0")).digest()


def unzigzag(number):
    return number >> 1 ^ -(number & 1)


def zigzag(number):
    return number << 1 if number >= 0 else (-number << 1) - 1


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


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

    def byte(self):
        return self.bytes(1)[0]

    def varint(self):
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                need(byte or shift == 7, "a number in a longer form")
                need(number < 1 << 64, "a number past 64 bits")
                return number

    def zigzag(self):
        return unzigzag(self.varint())


class Columns(Reader):
    """Columns of proto/spec/segment.md, section 4."""
    room = INFLATED_MAX

    def take(self, count):
        self.room -= count
        need(self.room >= 0, "more than a segment may hold")

    def stream(self, length, preset=b""):
        self.take(length)
        deflated = self.varint()
        if deflated == 0:
            return self.bytes(length)
        inflater = zlib.decompressobj(-15, zdict=preset)
        try:
            data = inflater.decompress(self.bytes(deflated), length + 1)
        except zlib.error as error:
            raise Damaged(str(error)) from error
        need(len(data) == length and inflater.eof and not inflater.unused_data, "a stream")
        return data

    def joined(self, preset=b""):
        return self.stream(self.varint(), preset)

    def texts_of(self, count):
        """So many texts, a NUL behind each."""
        data = self.joined(PRESET)
        need(data.count(b"\0") == count and (data[-1:] or b"\0") == b"\0", "texts")
        return data.split(b"\0")[:-1]

    def numbers(self, count):
        if count == 0:
            return []
        self.take(count)
        base, width = self.zigzag(), self.byte()
        need(width <= 8, "a width")
        numbers = [base] * count
        for byte in range(width):
            for i, value in enumerate(self.stream(count)):
                numbers[i] += value << 8 * byte
        return [(number + (1 << 63)) % (1 << 64) - (1 << 63) for number in numbers]

    def texts(self, count):
        """Section 5."""
        if count == 0:
            return []
        self.take(count)
        coding = self.byte()
        if coding == 0:
            return self.texts_of(count)
        if coding == 1:
            distinct = self.varint()
            need(0 < distinct < count, "distinct texts")
            texts, which = self.texts_of(distinct), self.numbers(count)
            need(all(0 <= index < distinct for index in which), "a text")
            return [texts[index] for index in which]
        need(coding == 2, "a coding")
        return self.words(count)

    def words(self, count):
        common, rare = self.varint(), self.varint()
        need(common <= 253 and rare <= (253 - common) * 256, "a dictionary")
        dictionary, tokens = self.texts_of(common + rare), self.joined()
        seconds = iter(self.stream(sum(common + 2 <= token < 255 for token in tokens)))
        own = self.joined(PRESET)
        texts, text, behind_word = [], b"", False
        for token in tokens:
            if token == 0:
                texts.append(text)
                text, behind_word = b"", False
            elif token == 1:
                behind_word = False
            else:
                if token == 255:
                    word, end, own = own.partition(b"\0")
                    need(end, "a word of its own")
                else:
                    index = token - 2
                    if index >= common:
                        index = common + (index - common) * 256 + next(seconds)
                    need(index < len(dictionary), "a word")
                    word = dictionary[index]
                need(word, "an empty word")
                wordlike = word[:1].isalnum() or word[0] == 0x27 or word[0] > 127
                text += b" " * (behind_word and wordlike) + word
                behind_word = wordlike
        need(not own and not text and len(texts) == count, "the end of the words")
        return texts

    def values(self, kind, changes, authors):
        """Section 6: the canonical bytes of values, one for each change that holds one."""
        count = len(changes)
        if kind in (1, 6):
            return self.texts(count)
        if kind in (2, 4, 9):
            return [single_value(kind, number) for number in self.numbers(count)]
        if kind in (3, 7, 8):
            first, second = self.numbers(count), self.numbers(count)
            return [double_value(kind, pair, change, authors)
                    for *pair, change in zip(first, second, changes)]
        if kind == 5:
            return [date_value(*parts) for parts in
                    zip(self.numbers(count), self.numbers(count), self.numbers(count))]
        lengths = self.numbers(count)
        need(all(0 <= length <= 65536 for length in lengths), "a length")
        data = Reader(self.stream(sum(lengths)))
        return [data.bytes(length) for length in lengths]


def single_value(kind, number):
    if kind == 2:
        return varint(zigzag(number))
    if kind == 4:
        need(number in (0, 1), "yes or no")
        return bytes([number])
    digits = str(number >> 1)[1:]
    need(number > 1 and 3 <= len(digits) <= 15, "a phone number")
    return b"+" * (number & 1) + digits.encode()


def double_value(kind, pair, change, authors):
    if kind == 3:
        need(0 <= pair[1] <= 18, "a scale")
        return varint(zigzag(pair[0])) + bytes([pair[1]])
    if kind == 8:
        return varint(zigzag(pair[0])) + varint(zigzag(pair[1]))
    need(0 <= pair[0] < len(authors), "an author")
    number = pair[1] if pair[0] else change - pair[1]
    need(0 < number <= NUMBER_MAX, "a record")
    return authors[pair[0]] + number.to_bytes(6, "big")


def date_value(form, first, second):
    data = bytes([form]) + varint(zigzag(first))
    return data + varint(zigzag(first + second)) if form & 8 else data


def read_body(data, own):
    """Section 3. Answers commits as read_block() does."""
    columns = Columns(data)
    need(columns.byte() == 1, "a layout")
    for _ in range(columns.varint()):
        columns.bytes(10)
        columns.varint()
    first, ms, count = columns.varint(), columns.zigzag(), columns.varint()
    need(0 < first <= NUMBER_MAX and count > 0, "a head")
    columns.take(count)
    authors = [own] + [columns.bytes(10) for _ in range(columns.varint())]
    need(len(set(authors)) == len(authors), "an author twice")
    name_count = columns.varint()
    columns.take(name_count)
    names = columns.texts_of(name_count)
    shapes = read_shapes(columns, names)
    sizes = columns.numbers(count)
    need(all(0 < size <= 1024 for size in sizes), "a size")
    undoes, steps = columns.numbers(count), columns.numbers(count - 1)
    stamps, aheads = columns.numbers(count), columns.numbers(count)
    indexes = columns.numbers(sum(sizes))
    need(all(0 <= index < len(shapes) for index in indexes), "a shape")
    changes = [shapes[index] for index in indexes]
    records = iter(columns.numbers(sum(deed != CREATE for deed, _, _ in changes)))
    rows = columns.varint()
    table = list(zip(columns.numbers(rows), columns.numbers(rows)))
    replaced = columns.numbers(sum(len(ops) for _, _, ops in changes))
    removals = columns.numbers(sum({REMOVE: 2, KEEP: 1}.get(deed, 0) for deed, _, _ in changes))
    need(all(0 <= n <= 4097 for n in replaced) and all(0 <= n <= 4096 for n in removals), "dots")
    dot_count = sum(max(n - 1, 0) for n in replaced) + sum(removals)
    dots = zip(columns.numbers(dot_count), columns.numbers(dot_count))
    values = read_values(columns, first, shapes, changes, authors)
    need(columns.left() == 0, "bytes behind the end")

    def dot(author, number, base):
        need(0 <= author < len(authors), "an author")
        value = number if author else base - number
        need(0 < value <= NUMBER_MAX and (author or value < base), "a number")
        return authors[author], value

    def take_dots(wanted, change):
        return [dot(*next(dots), change) for _ in range(wanted)]

    replaced, removals = iter(replaced), iter(removals)
    commits, creations, foreseen, number = [], [], {}, first
    for i in range(count):
        ms += steps[i - 1] if i else 0
        need(undoes[i] >= 0 and undoes[i] < number, "what is undone")
        commit = {"ms": ms, "counter": stamps[i] >> 2, "trust": stamps[i] & 3, "ahead": aheads[i],
                  "undoes": number - undoes[i] if undoes[i] else 0, "changes": []}
        for _ in range(sizes[i]):
            deed, kind, ops = changes[number - first]
            change = {"number": number, "deed": deed, "kind": names[kind] if deed == CREATE else b"",
                      "record": (own, number), "ops": [], "replaces": [], "seen": []}
            if deed == CREATE:
                creations.append(number)
            else:
                index, in_table = divmod(next(records), 2)
                need(0 <= index < len(table if in_table else creations), "a record")
                if in_table:
                    author, stored = table[index]
                    need(0 <= author < len(authors), "an author")
                    change["record"] = authors[author], stored if author else first - stored
                else:
                    change["record"] = own, creations[-1 - index]
            for action, field, value_type in ops:
                value = next(values[field, value_type]) if action != CLEAR else b""
                place = change["record"], field, (value_type, value) if action in (ADD, TAKE) else 0
                announced = next(replaced)
                likely = foreseen.get(place)
                foreseen[place] = None if action == TAKE else (own, number)
                replaces = take_dots(announced - 1, number) if announced else [likely] * bool(likely)
                change["ops"].append((names[field], action, value_type, value, replaces))
            if deed in (REMOVE, KEEP):
                change["replaces"] = take_dots(next(removals), number)
            if deed == REMOVE:
                change["seen"] = take_dots(next(removals), number)
            commit["changes"].append(change)
            number += 1
        commits.append(commit)
    return commits


def read_shapes(columns, names):
    """Shapes as (deed, kind, [(action, field, type)])."""
    count = columns.varint()
    columns.take(count)
    reader = Reader(columns.joined())
    shapes = []
    for _ in range(count):
        kind, deed = divmod(reader.varint(), 4)
        need(kind < len(names) if deed == CREATE else kind == 0, "a kind")
        ops = []
        for _ in range(reader.varint() if deed in (CREATE, EDIT) else 0):
            field, action = divmod(reader.varint(), 4)
            need(field < len(names), "a field")
            ops.append((action, field, 0 if action == CLEAR else reader.varint()))
            need(action == CLEAR or 0 < ops[-1][2] < 128, "a type")
        shapes.append((deed, kind, ops))
    need(reader.left() == 0, "shapes")
    return shapes


def read_values(columns, first, shapes, changes, authors):
    """Iterators over the values of each field and type, in the order in which shapes name them."""
    writers = {(field, value_type): [] for _, _, ops in shapes
               for action, field, value_type in ops if action != CLEAR}
    for i, (_, _, ops) in enumerate(changes):
        for action, field, value_type in ops:
            if action != CLEAR:
                writers[field, value_type].append(first + i)
    return {place: iter(columns.values(place[1], numbers, authors))
            for place, numbers in writers.items()}


def read_block(data):
    """The author and the commits of a block (proto/spec/encoding.md, section 3)."""
    reader = Reader(data)
    need(reader.byte() == 1, "a version")
    own, number, count = reader.bytes(10), reader.varint(), reader.varint()
    authors = [own] + [reader.bytes(10) for _ in range(reader.varint())]
    names = [reader.bytes(reader.varint()) for _ in range(reader.varint())]
    commits, ms = [], 0

    def dot():
        author, stored = reader.varint(), reader.varint()
        return authors[author], stored if author else number - stored

    def dots():
        return [dot() for _ in range(reader.varint())]

    def operation():
        field, rest = divmod(reader.varint(), 8)
        action, value_type, value = rest >> 1, 0, b""
        if action != CLEAR:
            length, value_type = divmod(reader.varint(), 16)
            value_type = reader.varint() if value_type == 15 else value_type
            value = reader.bytes(length)
        return names[field], action, value_type, value, dots() if rest & 1 else []

    for _ in range(count):
        size, undoes = reader.varint(), reader.varint()
        ms += reader.zigzag()
        stamp = reader.varint()
        commit = {"ms": ms, "counter": stamp >> 3, "trust": stamp & 3,
                  "ahead": reader.varint() if stamp & 4 else 0,
                  "undoes": number - undoes if undoes else 0, "changes": []}
        for _ in range(size):
            kind, deed = divmod(reader.varint(), 4)
            change = {"number": number, "deed": deed, "kind": names[kind] if deed == CREATE else b"",
                      "record": (own, number) if deed == CREATE else dot(),
                      "ops": [], "replaces": [], "seen": []}
            if deed in (CREATE, EDIT):
                change["ops"] = [operation() for _ in range(reader.varint())]
            else:
                change["replaces"] = dots()
                change["seen"] = dots() if deed == REMOVE else []
            commit["changes"].append(change)
            number += 1
        commits.append(commit)
    need(reader.left() == 0, "bytes behind the end")
    return own, commits


def is_signed(signature, message, key):
    length = ctypes.c_ulonglong(len(message))
    return SODIUM.crypto_sign_verify_detached(signature, message, length, key) == 0


def unsealed(sealed, associated, key):
    need(len(sealed) >= 40, "the sealed body's size")
    plain = ctypes.create_string_buffer(len(sealed))
    opened = SODIUM.crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain, None, None, sealed[24:], ctypes.c_ulonglong(len(sealed) - 24), associated,
        ctypes.c_ulonglong(len(associated)), sealed[:24], key)
    need(opened == 0, "the seal")
    return plain.raw[:len(sealed) - 40]


def padme(length):
    exponent = length.bit_length() - 1
    step = 1 << exponent - exponent.bit_length() if length > 1 else 1
    return -(-length // step) * step


def open_segment(segment, epoch_key):
    """The author and the body of a segment (sections 2 and 7)."""
    header, sealed = segment[:235], segment[235:]
    need(len(header) == 235 and header[0] == 1, "a header")
    sign, incarnation, signature = header[17:49], header[49:65], header[171:]
    need(0 < int.from_bytes(header[65:71], "big") <= NUMBER_MAX and any(header[71:75]), "a number")
    need(hash_of(b"kith body", sealed) == header[139:171], "the body's hash")
    need(is_signed(signature, hash_of(b"kith segment", header[:171]), sign), "the signature")
    padded = unsealed(sealed, header[:139], hash_of(b"kith segment key", epoch_key))
    length = int.from_bytes(padded[:4], "big")
    need(len(padded) >= 4 and padme(4 + length) == len(padded), "padding")
    need(not any(padded[4 + length:]), "padding that is not zero")
    return hash_of(b"kith author", sign + incarnation)[:10], padded[4:4 + length]


def check_sealed(case, epoch_key):
    own, body = open_segment(bytes.fromhex(case["segment"]), epoch_key)
    author, commits = read_block(bytes.fromhex(case["block"]))
    need(body == bytes.fromhex(case["body"]) and own == author, "another body")
    read = read_body(body, own)
    for mine, theirs in zip(read, commits):
        need(mine == theirs, f"another commit:\n{mine}\n{theirs}")
    need(len(read) == len(commits), "other commits")


def is_refused(case, epoch_key):
    try:
        own, body = open_segment(bytes.fromhex(case["segment"]), epoch_key)
        read_body(body, own)
    except Damaged:
        return True
    return False


def main(path):
    vectors = json.loads(Path(path).read_text(encoding="utf-8"))
    epoch_key = bytes.fromhex(vectors["epoch_key"])
    faults = []
    for case in vectors["sealed"]:
        try:
            check_sealed(case, epoch_key)
        except Damaged as error:
            faults.append(f"{case['name']}: {error}")
    faults += [f"{case['name']}: was taken" for case in vectors["refused"]
               if not is_refused(case, epoch_key)]
    print("\n".join(faults) or
          f"{len(vectors['sealed'])} read, {len(vectors['refused'])} refused")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
