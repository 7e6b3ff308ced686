#!/usr/bin/env python3
"""Turns proto/segment/preset-1.json into the dictionary that text columns are deflated against.

usage: preset.py preset-1.json out.c
"""
import json
import sys
import zlib
from pathlib import Path

# Segments are read with these bytes for ever: a changed file is a mistake.
CHECKSUM = 0xb0306c18


def main(source, target):
    words = json.loads(Path(source).read_text(encoding="utf-8"))["words"]
    preset = b"".join(word.encode("utf-8") + b"\0" for word in words)
    if zlib.crc32(preset) != CHECKSUM:
        sys.exit(f"preset.py: the preset dictionary is no longer what it was: {zlib.crc32(preset):#x}")
    rows = [", ".join(str(byte) for byte in preset[i:i + 24]) for i in range(0, len(preset), 24)]
    Path(target).write_text(
        "/* Made by tools/gen/preset.py from proto/segment/preset-1.json. */\n"
        '#include "segment/preset.h"\n\n'
        "const uint8_t kith_preset[] = {\n    " + ",\n    ".join(rows) + "};\n\n"
        f"const size_t kith_preset_bytes = {len(preset)};\n", encoding="ascii")


if __name__ == "__main__":
    main(*sys.argv[1:])
