#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No function over 100 lines, no file over 900, no line of the grammar over 100 columns."""

import pathlib
import re
import sys

FUNCTION_MAX = 100
FILE_MAX = 900
COLUMN_MAX = 100
START = re.compile(r"^([a-z_][a-z0-9_]*)\(")  # the name stands in column 0


def functions(lines):
    """(name, line, length) of every function: from its name to the brace in column 0."""
    name = start = None
    for number, line in enumerate(lines, 1):
        m = START.match(line)
        if m and name is None:
            name, start = m.group(1), number
        elif line.startswith("}") and name:
            yield name, start, number - start + 1
            name = None
        elif line.endswith(";") and not line.startswith((" ", "\t")):
            name = None  # a declaration


def long_lines(lines):
    """(line, columns) of every line that is too long."""
    return [(n, len(line)) for n, line in enumerate(lines, 1) if len(line) > COLUMN_MAX]


def check(root):
    wrong = []
    seen = 0
    for folder in ("cli", "compiler", "runtime", "tests"):
        for path in sorted(pathlib.Path(root, folder).rglob("*.[ch]")):
            lines = path.read_text().splitlines()
            file = path.relative_to(root).as_posix()
            seen += 1
            if len(lines) > FILE_MAX:
                wrong.append(f"{file}: {len(lines)} lines, {FILE_MAX} allowed")
            for name, start, length in functions(lines):
                if length > FUNCTION_MAX:
                    wrong.append(f"{file}:{start}: {name}: {length} lines, {FUNCTION_MAX} allowed")
    for path in sorted(pathlib.Path(root, "grammars").glob("*.gram")):
        file = path.relative_to(root).as_posix()
        seen += 1
        for number, columns in long_lines(path.read_text().splitlines()):
            wrong.append(f"{file}:{number}: {columns} columns, {COLUMN_MAX} allowed")
    print("\n".join(wrong + [f"{seen} files read, {len(wrong)} wrong"]))
    return not wrong and seen > 0


if __name__ == "__main__":
    sample = ["static int", "long_one(void)", "{"] + ["\tx();"] * 99 + ["}"]
    assert [f[2] for f in functions(sample)] == [102]
    assert long_lines(["x" * 100, "x" * 101]) == [(2, 101)]
    sys.exit(0 if check(sys.argv[1] if len(sys.argv) > 1 else ".") else 1)
