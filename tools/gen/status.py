#!/usr/bin/env python3
"""Turns proto/codes/status.json into include/kith/status.h and the names of statuses.

usage: status.py status.json status.h status_names.c
"""
import json
import sys


def main(source, header, names):
    with open(source, encoding="utf-8") as file:
        groups = json.load(file)["groups"]
    numbers = [status["number"] for group in groups for status in group["statuses"]]
    if len(set(numbers)) != len(numbers):
        sys.exit("status.py: a number stands twice")
    with open(header, "w", encoding="utf-8") as out:
        out.write("/* What a call can answer, grouped by what the caller should do.\n"
                  " * Made by tools/gen/status.py from proto/codes/status.json.\n"
                  " * SPDX-License-Identifier: Apache-2.0 */\n"
                  "#ifndef KITH_STATUS_H\n#define KITH_STATUS_H\n\n#include <stdint.h>\n\n"
                  "typedef int32_t kith_status;\n\nenum {\n")
        for group in groups:
            out.write(f"    /* {group['do']} */\n")
            for status in group["statuses"]:
                out.write(f"    KITH_{status['name']} = {status['number']}, "
                          f"/* {status['means']} */\n")
        out.write("};\n\n#endif\n")
    with open(names, "w", encoding="utf-8") as out:
        out.write('/* Made by tools/gen/status.py from proto/codes/status.json. */\n'
                  '#include <kith/base.h>\n\nconst char *kith_status_name(kith_status status)\n{\n'
                  '    switch (status) {\n')
        for group in groups:
            for status in group["statuses"]:
                out.write(f'    case KITH_{status["name"]}:\n'
                          f'        return "KITH_{status["name"]}";\n')
        out.write('    default:\n        return "unknown status";\n    }\n}\n')


if __name__ == "__main__":
    main(*sys.argv[1:])
