#!/usr/bin/env python3
"""Turns proto/schema and proto/codes into the tables of core/schema.

usage: schema.py proto-directory out.c

Checks what the C loader checks of an extension, so that a fault in the data fails the build.
"""
import json
import re
import sys
from pathlib import Path

TYPES = {"text": 1, "int": 2, "decimal": 3, "bool": 4, "date": 5, "code": 6, "ref": 7, "geo": 8,
         "phone": 9, "blob-ref": 10}
FLAGS = ["required", "quick", "pii", "multi", "multiline", "exact", "auto"]
FIELD_KEYS = {"name", "label", "type", "list", "to", "min", "max", "default", "sensitivity", "map",
              *FLAGS} - {"multi"}
KIND_KEYS = {"label", "description", "icon", "default_sensitivity", "title_fields", "match_fields",
             "fields", "common_fields", "hidden"}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def fail(message):
    sys.exit(f"schema.py: {message}")


def read(directory):
    """Merges the documents of a directory: {kinds, code_lists, common_fields}."""
    merged = {"kinds": {}, "code_lists": {}, "common_fields": []}
    for path in sorted(directory.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for part in ("kinds", "code_lists"):
            for name, value in document.get(part, {}).items():
                if name in merged[part] or not NAME.fullmatch(name):
                    fail(f"{path.name}: {name} stands twice or is no name")
                merged[part][name] = value
        merged["common_fields"] += document.get("common_fields", [])
    return merged


def fields_of(kind, common):
    """A kind's own fields, then those of the common ones that it has."""
    own = {field["name"] for field in kind["fields"]}
    return kind["fields"] + [field for field in common
                             if kind.get("common_fields") and field["name"] not in own]


def text(value):
    """A C string literal in UTF-8, or NULL."""
    return "NULL" if value is None else json.dumps(value, ensure_ascii=False)


def check_field(kind, field, kinds, lists):
    where = f"{kind}.{field.get('name')}"
    if unknown := set(field) - FIELD_KEYS:
        fail(f"{where}: unknown {sorted(unknown)}")
    if not NAME.fullmatch(field["name"]) or not field["label"]:
        fail(f"{where}: no proper name or label")
    base = field["type"].removeprefix("multi-")
    if base not in TYPES:
        fail(f"{where}: unknown type {field['type']}")
    if (base == "code") != ("list" in field) or field.get("list", "sex") not in lists:
        fail(f"{where}: a code needs a list that exists")
    if (base == "ref") != ("to" in field) or set(field.get("to", [])) - set(kinds):
        fail(f"{where}: a ref needs kinds that exist")


def emit_lists(out, lists):
    for name, code_list in sorted(lists.items()):
        codes = code_list["items"]
        if len({item["code"] for item in codes}) != len(codes):
            fail(f"{name}: a code stands twice")
        out.append(f"static const kith_code codes_{name}[] = {{")
        out += [f"    {{{text(item['code'])}, {text(item['label'])}}}," for item in codes]
        out.append("};")
    out.append("const kith_code_list kith_builtin_lists[] = {")
    out += [f"    {{{text(name)}, codes_{name}, {len(value['items'])}}},"
            for name, value in sorted(lists.items())]
    out.append("};")
    out.append("const size_t kith_builtin_list_count = "
               "sizeof kith_builtin_lists / sizeof kith_builtin_lists[0];\n")


def names_variable(names):
    return "names_" + "__".join(names)


def emit_names(out, lists_of_names):
    """Emits each list of names once: a hundred fields point to the same few kinds."""
    for names in sorted(set(map(tuple, lists_of_names))):
        joined = ", ".join(text(name) for name in names)
        out.append(f"static const char *const {names_variable(names)}[] = {{{joined}, NULL}};")


def emit_field(field, list_index):
    flags = [f"KITH_FIELD_{flag.upper()}" for flag in FLAGS
             if field.get(flag) or (flag == "multi" and field["type"].startswith("multi-"))]
    base = TYPES[field["type"].removeprefix("multi-")]
    code_list = f"&kith_builtin_lists[{list_index[field['list']]}]" if "list" in field else "NULL"
    targets = names_variable(field["to"]) if "to" in field else "NULL"
    return (f"    {{{text(field['name'])}, {text(field['label'])}, {base}, "
            f"{' | '.join(flags) or '0'}, {code_list}, {targets}, "
            f"{text(field.get('sensitivity'))}, {text(field.get('default'))}, "
            f"{field.get('min', 'INT64_MIN')}, {field.get('max', 'INT64_MAX')}}},")


def emit_kinds(out, kinds, lists, common):
    list_index = {name: index for index, name in enumerate(sorted(lists))}
    rows = []
    emit_names(out, [kind["title_fields"] for kind in kinds.values()] +
               [field["to"] for kind in kinds.values()
                for field in fields_of(kind, common) if "to" in field])
    for name, kind in sorted(kinds.items()):
        if unknown := set(kind) - KIND_KEYS:
            fail(f"{name}: unknown {sorted(unknown)}")
        fields = fields_of(kind, common)
        for field in fields:
            check_field(name, field, kinds, lists)
        if set(kind["title_fields"]) - {field["name"] for field in fields}:
            fail(f"{name}: a title field does not exist")
        out.append(f"static const kith_field fields_{name}[] = {{")
        out += [emit_field(field, list_index) for field in fields]
        out.append("};")
        rows.append(f"    {{{text(name)}, {text(kind['label'])}, {text(kind.get('description'))}, "
                    f"{text(kind['default_sensitivity'])}, "
                    f"{'KITH_KIND_HIDDEN' if kind.get('hidden') else '0'}, "
                    f"fields_{name}, {len(fields)}, "
                    f"{names_variable(kind['title_fields'])}}},")
    for field in common:
        check_field("common", field, kinds, lists)
    out += ["const kith_field kith_common_fields[] = {",
            *[emit_field(field, list_index) for field in common], "};",
            "const size_t kith_common_field_count = "
            "sizeof kith_common_fields / sizeof kith_common_fields[0];"]
    out += ["const kith_kind kith_builtin_kinds[] = {", *rows, "};"]
    out.append("const size_t kith_builtin_kind_count = "
               "sizeof kith_builtin_kinds / sizeof kith_builtin_kinds[0];\n")


def main(proto, target):
    proto = Path(proto)
    schema = read(proto / "schema")
    lists = read(proto / "codes")["code_lists"]
    out = ["/* Made by tools/gen/schema.py from proto/schema and proto/codes. */",
           '#include "schema/schema.h"', ""]
    emit_lists(out, lists)
    emit_kinds(out, schema["kinds"], lists, schema["common_fields"])
    Path(target).write_text("\n".join(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
