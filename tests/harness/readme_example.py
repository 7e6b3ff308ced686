#!/usr/bin/env python3
"""Writes the C program that README.md shows, so that the build compiles what readers copy.

usage: readme_example.py README.md out.c
"""
import re
import sys
from pathlib import Path

source, target = sys.argv[1:]
program = re.search(r"```c\n(.*?)```", Path(source).read_text(encoding="utf-8"), re.DOTALL)
Path(target).write_text(program[1], encoding="utf-8")
