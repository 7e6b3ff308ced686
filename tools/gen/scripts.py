#!/usr/bin/env python3
"""Turns proto/text/scripts.json into the table that core/text/search.c reads.

usage: scripts.py scripts.json out.c
"""
import json
import sys

CLASSES = ["consonant", "vowel", "sign", "joiner", "dot", "final", "silent"]


def letters(group, base):
    """Yields (code point, class, Latin) for each class of a layout, block or script."""
    for name in CLASSES:
        entries = group.get(name, {})
        if isinstance(entries, list):
            entries = dict.fromkeys(entries, "")
        for offset, latin in entries.items():
            yield base + int(offset, 16), name, latin


def main(source, target):
    with open(source, encoding="utf-8") as file:
        data = json.load(file)
    table = {}
    for block in data["blocks"]:
        base = int(block["base"], 16)
        for group in (data["layout"], block):
            for code_point, name, latin in letters(group, base):
                table[code_point] = (name, latin)
    for script in data["scripts"]:
        for code_point, name, latin in letters(script, 0):
            table[code_point] = (name, latin)
    with open(target, "w", encoding="ascii") as out:
        out.write("/* Made by tools/gen/scripts.py from proto/text/scripts.json. */\n")
        out.write('#include "text/scripts.h"\n\n')
        out.write("const kith_letter kith_letters[] = {\n")
        for code_point in sorted(table):
            name, latin = table[code_point]
            out.write(f'    {{0x{code_point:04x}, KITH_LETTER_{name.upper()}, "{latin}"}},\n')
        out.write("};\n\nconst size_t kith_letter_count = sizeof kith_letters / sizeof kith_letters[0];\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
