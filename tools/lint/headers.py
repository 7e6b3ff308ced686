#!/usr/bin/env python3
"""Compiles each public header alone, as C17 and as C++17.

usage: headers.py INCLUDE-FOLDER ...
"""
import subprocess
import sys
from pathlib import Path

COMPILERS = [["gcc", "-std=c17"], ["clang", "-std=c17"], ["clang++", "-std=c++17"]]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]


def main(folders):
    failed = False
    options = [f"-I{folder}" for folder in folders]
    for header in sorted(path for folder in folders for path in Path(folder).glob("kith/*.h")):
        for compiler in COMPILERS:
            language = "c++" if "++" in compiler[0] else "c"
            source = f"#include <kith/{header.name}>\nint kith_nothing;\n"
            result = subprocess.run([*compiler, *WARNINGS, *options, "-x", language, "-"],
                                    input=source, text=True, check=False)
            failed = failed or result.returncode != 0
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
