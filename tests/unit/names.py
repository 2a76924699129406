#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A static function has a name of two words or more: it says what the function does to what.

A reader meets `take` or `finish` in every second file and must open it to know which one it is.
"""

import pathlib
import re
import sys

NOISE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
DEFINED = re.compile(r"^([a-z]\w*)\(")  # the name stands in column 0, its type on the line above


def statics(text):
    """(name, line) of every static function that the text defines."""
    text = NOISE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    lines = text.splitlines()
    for number, line in enumerate(lines[1:], 2):
        m = DEFINED.match(line)
        above = lines[number - 2]
        if m and above.startswith("static ") and not above.endswith(";"):
            yield m.group(1), number


def check(root):
    wrong = []
    seen = 0
    for folder in ("cli", "compiler", "runtime", "tests"):
        for path in sorted(pathlib.Path(root, folder).rglob("*.[ch]")):
            file = path.relative_to(root)
            for name, line in statics(path.read_text()):
                seen += 1
                if "_" not in name:
                    wrong.append(f"{file.as_posix()}:{line}: {name}: a name of one word")
    print("\n".join(wrong + [f"{seen} static functions, {len(wrong)} wrong"]))
    return not wrong and seen > 0


if __name__ == "__main__":
    sample = 'static void\ntake(void)\n{\n}\n\n/* static int\nhold(int) */\nstatic int\ntake_it(void)\n{\n}\n'
    assert [name for name, _ in statics(sample)] == ["take", "take_it"]
    sys.exit(0 if check(sys.argv[1] if len(sys.argv) > 1 else ".") else 1)
