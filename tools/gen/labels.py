#!/usr/bin/env python3
"""Packs proto/translations for core/schema/labels.c: one zlib stream of labels for each language.

usage: labels.py proto-directory out.c

Whoever reviews a language sees labels, not their bytes, and one label at a time. So what only shows
in the bytes, or beside the other labels, fails the build here.
"""
import json
import re
import sys
import unicodedata
import zlib
from pathlib import Path

import schema

SORTS = {"kinds": "kind", "fields": "field", "codes": "code"}
# Letters of a neighbouring language that pass for a language's own.
FOREIGN_LETTERS = {"asm": "র", "ben": "ৰৱ"}
# Invisible, but scripts of the region shape letters with them.
JOINERS = "\u200c\u200d"
BYTES_A_LINE = 18


def fail(message):
    sys.exit(f"labels.py: {message}")


def once(pairs):
    """An object of JSON, in which no member may stand twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        fail(f"stands twice: {sorted({name for name in names if names.count(name) > 1})}")
    return members


def english_labels(proto):
    """Everything that has a label: its key and the label in English."""
    definition = schema.read(proto / "schema")
    labels = {}
    for name, kind in definition["kinds"].items():
        labels[f"kind:{name}"] = kind["label"]
        for field in schema.fields_of(kind, definition["common_fields"]):
            labels[f"field:{name}.{field['name']}"] = field["label"]
    for name, code_list in schema.read(proto / "codes")["code_lists"].items():
        for code in code_list["items"]:
            labels[f"code:{name}.{code['code']}"] = code["label"]
    return labels


def read(path):
    """The labels of one language by key."""
    document = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
    if not re.fullmatch("[a-z]{3}", path.stem) or path.stem == "eng":
        fail(f"{path.name}: is not called after another language than English (ISO 639-3)")
    if set(document) != {"about", *SORTS}:
        fail(f"{path.name}: needs the members about, kinds, fields and codes, and no others")
    return {f"{sort}:{name}": label for part, sort in SORTS.items()
            for name, label in document[part].items()}


def check_text(where, language, label):
    if not isinstance(label, str) or label != " ".join(label.split()) or label == "":
        fail(f"{where}: is no label, or has blanks to spare")
    if not unicodedata.is_normalized("NFC", label):
        fail(f"{where}: is not in Normalisation Form C")
    if any(unicodedata.category(c)[0] == "C" and c not in JOINERS for c in label):
        fail(f"{where}: holds a control character")
    if foreign := set(label) & set(FOREIGN_LETTERS.get(language, "")):
        fail(f"{where}: {', '.join(foreign)} is not a letter of the language")


def check_shared(where, key, labels, english):
    """A label for a field of every kind must mean the same in each that has none of its own."""
    name = key.removeprefix("field:*")
    meanings = {label for other, label in english.items()
                if other.startswith("field:") and other.endswith(name) and other not in labels}
    if len(meanings) != 1:
        fail(f"{where}: stands for {sorted(meanings)}")


def check_codes(language, labels):
    """Two codes of a list that read the same cannot be told apart on a form."""
    taken = {}
    for key, label in labels.items():
        place = (key.partition(".")[0], label)
        if key.startswith("code:") and (other := taken.setdefault(place, key)) != key:
            fail(f"{language}.json: {other} and {key} are both {label}")


def check(language, labels, english):
    for key, label in labels.items():
        where = f"{language}.json: {key}"
        check_text(where, language, label)
        if key.startswith("field:*."):
            check_shared(where, key, labels, english)
        elif key not in english:
            fail(f"{where}: does not exist")
    check_codes(language, labels)


def pack(out, name, texts):
    """Emits the texts' bytes; answers the initialiser of their kith_label_pack."""
    unpacked = "".join(text + "\0" for text in texts).encode("utf-8")
    packed = zlib.compress(unpacked, 9)
    out.append(f"static const uint8_t packed_{name or 'keys'}[] = {{")
    for start in range(0, len(packed), BYTES_A_LINE):
        out.append("    " + " ".join(f"{byte}," for byte in packed[start:start + BYTES_A_LINE]))
    out.append("};")
    return f'{{"{name}", packed_{name or "keys"}, {len(packed)}, {len(unpacked)}}}'


def main(proto, target):
    proto = Path(proto)
    english = english_labels(proto)
    languages = {path.stem: read(path) for path in sorted((proto / "translations").glob("*.json"))}
    for language, labels in languages.items():
        check(language, labels, english)
    # strcmp's order is that of the UTF-8 bytes.
    keys = sorted({key for labels in languages.values() for key in labels}, key=str.encode)
    out = ["/* Made by tools/gen/labels.py from proto/translations. */",
           '#include "schema/schema.h"', ""]
    keys_row = pack(out, "", keys)
    rows = [pack(out, language, [labels.get(key, "") for key in keys])
            for language, labels in languages.items()]
    out += [f"const kith_label_pack kith_label_keys = {keys_row};",
            "const kith_label_pack kith_label_packs[] = {",
            '    {"eng", NULL, 0, 0},', *[f"    {row}," for row in rows], "};",
            "const size_t kith_label_pack_count = "
            "sizeof kith_label_packs / sizeof kith_label_packs[0];",
            f"const size_t kith_label_count = {len(keys)};"]
    Path(target).write_text("\n".join(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
