#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the pages for developers to the source: what they name in `backticks` is there.

A file or folder, from the root of the project or from the page (`*` stands for anything); a
function, a struct, an enum or another name of C with an underscore in it, in whatever file of the
source.
An example of the grammar, a block that begins "mode": every line of it stands in a .gram file.
It first shows itself wrong names, to prove that it sees them.

    docs.py ROOT
"""

import fnmatch
import pathlib
import posixpath
import re
import sys

PAGES = ["docs/architecture.md", "docs/conventions.md", "docs/contributing.md",
         "grammars/README.md", "runtime/dataplane/README.md"]
FOLDERS = ("cli", "compiler", "docs", "grammars", "runtime", "samples", "tests")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
TICKS = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w./*-]*[\w*]\.(?:c|h|py|gram|def|md|txt|in|out)")
NAME = re.compile(r"[a-z]\w*_\w+|[A-Z][A-Z0-9]*_[A-Z0-9_]+")
# What a reader would add, in recipes; what the build makes; names of the kernel's and of CMake's.
EXAMPLES = re.compile(r"(?i).*(foo|testudo_keys|clear_testudo|testudo_drops|NAME|switch).*|"
                      r"x\.(in|out)|grammar\.h|module_verb_object|nft_compat|"
                      r"testudo_NODE|source_\w+")


def braces(word):
    """a.{c,h} is a.c and a.h."""
    m = re.search(r"\{([^}]*)\}", word)
    if not m:
        return [word]
    before, after = word[:m.start()], word[m.end():]
    return [w for part in re.split("[, ]", m[1]) for w in braces(before + part + after)]


def tracked(root):
    names = set()
    for folder in FOLDERS:
        for path in pathlib.Path(root, folder).rglob("*"):
            names.add(path.relative_to(root).as_posix())
    return names | {path.name for path in pathlib.Path(root).iterdir()}


def words_of(root):
    """Every word of the source, names of the grammar's enums among them."""
    words = set()
    for folder in ("cli", "compiler", "runtime", "grammars", "tests"):
        for path in pathlib.Path(root, folder).rglob("*"):
            words.add(path.stem)
            if path.suffix in (".c", ".h", ".def", ".py", ".gram"):
                words |= set(re.findall(r"\w+", path.read_text()))
    return words


def is_there(page, word, files):
    if word.startswith("tests/bench/bench_"):
        word += ".c"
    word = word.rstrip("/")
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(page), word))
    if "/" in word:
        return any(fnmatch.fnmatchcase(f, w) for f in files for w in (word, beside))
    return any(fnmatch.fnmatchcase(posixpath.basename(f), word) for f in files)


def wrong_names(page, text, files, words):
    text = FENCE.sub(lambda m: "\n" * m.group().count("\n"), text)
    for number, line in enumerate(text.splitlines(), 1):
        for ticks in TICKS.findall(line):
            parts = (t.strip(",;:()") for t in ticks.split())
            for word in (w for part in parts for w in braces(part)):
                if EXAMPLES.fullmatch(word):
                    continue
                if FILE.fullmatch(word) or word.startswith(tuple(f + "/" for f in FOLDERS)):
                    if not is_there(page, word.strip("."), files):
                        yield f"{page}:{number}: no file {word}"
                elif NAME.fullmatch(word) and word not in words and word[2:] not in words:
                    if not re.match(r"(KEY|ARG|H|MODE)_", word):
                        yield f"{page}:{number}: no name {word}"


def lines_of_grammar(root):
    return {" ".join(line.split()) for path in pathlib.Path(root, "grammars").glob("*.gram")
            for line in path.read_text().splitlines()}


def wrong_examples(page, text, grammar):
    for block in FENCE.findall(text):
        lines = block.splitlines()[1:-1]
        if lines and lines[0].startswith("mode "):
            for line in lines:
                if " ".join(line.split()) not in grammar:
                    yield f"{page}: in no .gram file: {line.strip()}"


def self_test(files, words):
    wrong = ["`cli/nowhere.c`", "`nowhere.h`", "`cli/nowhere/`", "`not_a_function`",
             "`cli/term/{term,nowhere}.c`"]
    right = ["`cli/app/main.c`", "`main.c`", "`../cli/app/`", "`cli/term/{term,telnet}.c`",
             "`core_input`", "`compile_*.c`"]
    bad = [w for w in wrong if not list(wrong_names("docs/x.md", w, files, words))]
    bad += [r for r in right if list(wrong_names("docs/x.md", r, files, words))]
    block = "```\nmode x\n  y \"z\"\n```\n"
    if len(list(wrong_examples("docs/x.md", block, {"mode x"}))) != 1:
        bad.append(block)
    for b in bad:
        print("self-test: judged wrongly:", b)
    return not bad


def main(root):
    files, words = tracked(root), words_of(root)
    grammar = lines_of_grammar(root)
    words.discard("not_a_function")
    ok = self_test(files, words)
    wrong = []
    for page in PAGES:
        text = pathlib.Path(root, page).read_text()
        wrong += wrong_names(page, text, files, words)
        wrong += wrong_examples(page, text, grammar)
    for line in wrong:
        print(line)
    print(f"{len(PAGES)} pages read, {len(wrong)} names wrong")
    return 0 if ok and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
