#!/usr/bin/env python3
"""Holds that the tour (tour.h) leads through the whole public API: every function that the headers
declare is called in its files, so that each is seen under every fault. Prints those that are not.

usage: names.py INCLUDE-FOLDER TOUR-FILE ...
"""
import re
import sys
from pathlib import Path

DECLARED = re.compile(r"\bKITH_API\b[^;]*?\b(kith_\w+)\s*\(")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def main(include, *tour):
    headers = "\n".join(COMMENT.sub("", path.read_text(encoding="utf-8"))
                        for path in sorted(Path(include).glob("kith/*.h")))
    declared = set(DECLARED.findall(headers))
    called = set(re.findall(r"\bkith_\w+", "\n".join(Path(path).read_text(encoding="utf-8")
                                                    for path in tour)))
    missing = sorted(declared - called)
    print("\n".join(f"no step of the tour calls {name}()" for name in missing) or
          f"{len(declared)} functions")
    sys.exit(1 if missing or not declared else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
