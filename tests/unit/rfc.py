#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds docs/rfc6407.md to the tests, and the tests to it. rfc.py ROOT

Each row of its tables names a test that shows the requirement, or says why there is none. What is
named is there: a function of tests/**/*.c that cmocka runs, `peer: NAME` a scenario of tests/peer, or
a script of tests/. And each test that is called by a section, rfc6407_5_4_..., is named in a row, so
that nothing stands in the page that is gone, and nothing is shown that the page does not know.
It first shows itself wrong pages, to prove that it sees them.
"""

import ast
import fnmatch
import pathlib
import re
import sys

PAGE = "docs/rfc6407.md"
COLUMNS = 4
# A function, which has an underscore in its name, or a pattern of functions; a scenario; a script.
REFERENCE = re.compile(r"\w+_[\w*]+|peer: .+|tests/\S+")
SECTION_NAME = re.compile(r"(?:test_)?rfc\d+_\w+$")
TICKS = re.compile(r"`([^`]+)`")
REASON_MIN = 20  # letters: less is no reason


def functions(root):
    """What cmocka runs, and where its function stands."""
    defined, run = set(), set()
    for path in sorted(pathlib.Path(root, "tests").rglob("*.c")):
        text = path.read_text()
        defined |= set(re.findall(r"^(\w+)\(void \*\*\w+\)", text, re.M))
        run |= set(re.findall(r"cmocka_unit_test\w*\(\s*(\w+)", text))
    return defined & run


def scenarios(root):
    found = set()
    for path in sorted(pathlib.Path(root, "tests/peer").glob("*.py")):
        found |= {node.value for node in ast.walk(ast.parse(path.read_text()))
                  if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found


def rows(page):
    """(line number, cells) of every row of a table but its head."""
    for number, line in enumerate(page.splitlines(), 1):
        if not line.startswith("|") or re.fullmatch(r"[|\s:-]+", line):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] not in ("section", "tests"):
            yield number, cells


def is_there(name, tests, peer, root):
    if name.startswith("peer: "):
        return name[6:] in peer
    if name.startswith("tests/"):
        return pathlib.Path(root, name).is_file()
    if "*" in name:
        return any(fnmatch.fnmatchcase(test, name) for test in tests)
    return name in tests


def judge(page, tests, peer, root):
    """What is wrong, in words."""
    wrong, named = [], set()
    for number, cells in rows(page):
        pattern = len(cells) == 2  # a row of the last table: patterns, and what they are of
        if len(cells) != (2 if pattern else COLUMNS) or not all(cells):
            wrong.append(f"{PAGE}:{number}: a row has {COLUMNS} cells, and none is empty")
            continue
        shown = cells[0] if pattern else cells[-1]
        references = [t for t in TICKS.findall(shown) if REFERENCE.fullmatch(t)]
        for name in references:
            if not is_there(name, tests, peer, root):
                wrong.append(f"{PAGE}:{number}: no such test: {name}")
            if "*" in name and not pattern:
                wrong.append(f"{PAGE}:{number}: a row names tests, not a pattern: {name}")
        named |= set(references)
        if not references and (pattern or len(shown) < REASON_MIN):
            wrong.append(f"{PAGE}:{number}: neither a test nor a reason")
    for test in sorted(tests):
        if SECTION_NAME.match(test) and not any(fnmatch.fnmatchcase(test, n) for n in named):
            wrong.append(f"{PAGE}: no row names the test {test}: add it where its section is")
    return wrong


def self_test(root):
    tests, peer = {"rfc1_2_a", "test_b"}, {"a push of nothing"}
    right = "| section | x | y | z |\n|---|---|---|---|\n| 1 | it MUST | both | `rfc1_2_a`, `peer: a push of nothing` |\n"
    wrong = [
        right.replace("rfc1_2_a", "rfc1_2_gone"),
        right.replace("a push of nothing", "a push of something"),
        right.replace("`rfc1_2_a`, ", ""),  # the test is in no row
        right + "| 2 | it SHOULD | both | `tests/no/such/script` |\n",
        right + "| 2 | it SHOULD | both | |\n",
        right + "| 2 | it SHOULD | both | not done |\n",
        right + "| 2 | it SHOULD | `rfc1_2_a` | both | too many |\n",
        right + "| 2 | it SHOULD | both | `rfc1_*` |\n",
    ]
    bad = [page for page in wrong if not judge(page, tests, peer, root)]
    bad += [page for page in (right,) if judge(page, tests, peer, root)]
    for page in bad:
        print("self-test: judged wrongly:", page)
    return not bad


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    page = (root / PAGE).read_text()
    tests = functions(root)
    wrong = judge(page, tests, scenarios(root), root)
    for line in wrong:
        print(line)
    print(f"{len(list(rows(page)))} rows, {len(tests)} tests read, {len(wrong)} wrong")
    return self_test(root) and not wrong


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
