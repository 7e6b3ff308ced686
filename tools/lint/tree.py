#!/usr/bin/env python3
"""Holds the shape of the tree: which part may use which, where each library has its home, how long
files, functions and lines may be, what nobody calls. Prints each fault; exits 1 if there are any.

usage: tree.py [FOLDER]
"""
import re
import subprocess
import sys
from pathlib import Path

# Each part may include itself and those before it (core/README.md has the picture).
LAYERS = ["base", "text", "codec", "crypto", "value", "schema", "merge", "wire", "segment", "space",
          "store", "log", "engine", "bundle", "sync", "transfer", "net", "api"]

# What the relay sees of the core: it never reads a body.
RELAY_PARTS = ("base/", "codec/json", "crypto/", "wire/", "space/charter", "segment/header")

# The files that may include a library's header. Everything else goes through them.
HOMES = {
    "sqlite3.h": ["core/store/", "server/store/", "tests/"],
    "sodium.h": ["core/crypto/"],
    "zlib.h": ["core/codec/deflate.c", "core/codec/checksum.c"],
    "cjson/cJSON.h": ["core/codec/json.c", "client-cli/term/json.c", "tests/"],
    "utf8proc.h": ["core/text/"],
    "csv.h": ["core/transfer/csv.c"],
    "qrencode.h": ["client-cli/term/qr.c"],
    "curl/curl.h": ["core/net/"],
    "microhttpd.h": ["server/http/"],
    "gnutls/gnutls.h": ["server/http/"],
    "gnutls/x509.h": ["server/http/"],
    "gnutls/abstract.h": ["server/http/"],
    "gnutls/crypto.h": ["server/http/"],
    "cmocka.h": ["tests/harness/harness.h"],
}

BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|strtok|alloca|rand)\s*\(")
INCLUDE = re.compile(r'#include\s+(?:"([^"]+)"|<([^>]+)>)')
SQL = re.compile(r'"\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE|BEGIN|COMMIT|ROLLBACK)\b')
LINES_MAX, FUNCTION_LINES_MAX, COLUMNS_MAX = 600, 60, 100
TOP_LEVEL = {"LICENSE", "README.md", "client-cli", "core", "meson.build", "proto", "server",
             "tests", "tools"}

faults = []


def fault(path, line, message):
    faults.append(f"{path}:{line}: {message}")


def check_include(path, number, name):
    part = path.split("/")
    for header, homes in HOMES.items():
        if name == header and not any(path.startswith(home) for home in homes):
            fault(path, number, f"<{header}> is used in {', '.join(homes)} only")
    if path.startswith("core/include/") and "/" in name and not name.startswith("kith/"):
        fault(path, number, "a public header includes an internal one")
    if path.startswith("client-cli/") and name.split("/")[0] in LAYERS:
        fault(path, number, "the command uses public headers only")
    if path.startswith("server/") and name.split("/")[0] in LAYERS:
        if not name.startswith(RELAY_PARTS):
            fault(path, number, f"the relay sees of the core only {', '.join(RELAY_PARTS)}")
    if part[0] == "core" and part[1] in LAYERS and name.split("/")[0] in LAYERS:
        if LAYERS.index(name.split("/")[0]) > LAYERS.index(part[1]):
            fault(path, number, f"{part[1]} may not use {name.split('/')[0]}")


def check_lines(path, lines):
    if len(lines) > LINES_MAX:
        fault(path, len(lines), f"more than {LINES_MAX} lines")
    start = None
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            fault(path, number, f"more than {COLUMNS_MAX} columns")
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
            fault(path, number, "left open")
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            if number - start > FUNCTION_LINES_MAX:
                fault(path, start, f"a function of {number - start} lines")
            start = None


def check_calls(path, lines):
    shipped = path.startswith(("core/", "server/", "client-cli/"))
    sql_home = "/store/" in path and Path(path).name.startswith("sql_")
    for number, line in enumerate(lines, 1):
        if shipped and BANNED.search(line):
            fault(path, number, "a function that nobody calls here")
        if path.startswith(("core/", "server/")) and not sql_home and SQL.search(line):
            fault(path, number, "SQL outside of store/sql_*.c")


def main(folder):
    tracked = subprocess.run(["git", "-C", folder, "ls-files", "--cached", "--others",
                              "--exclude-standard"],
                             check=True, capture_output=True, text=True).stdout.split("\n")
    for entry in sorted({path.split("/")[0] for path in tracked if path}):
        if entry not in TOP_LEVEL and not entry.startswith("."):
            fault(entry, 1, "does not belong at the top")
    for path in sorted(path for path in tracked if path.endswith((".c", ".h"))):
        if not (Path(folder) / path).is_file():
            continue
        lines = (Path(folder) / path).read_text(encoding="utf-8").split("\n")
        check_lines(path, lines)
        check_calls(path, lines)
        for number, line in enumerate(lines, 1):
            if match := INCLUDE.match(line):
                check_include(path, number, match[1] or match[2])
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".")
