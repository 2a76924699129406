#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file is as clang-format leaves it. format.py ROOT [--fix] [FILE...]

Also: tabs stand at the beginning of a line only, and no line, a comment's neither, is wider than
100 columns. Exit status 77: no clang-format here.
"""

import pathlib
import re
import shutil
import subprocess
import sys

AT_ONCE = 40
COLUMNS = 100


def misplaced(files, style):
    """Those that clang-format would change; it is started once for many files."""
    wrong = set()
    for i in range(0, len(files), AT_ONCE):
        run = subprocess.run(["clang-format", f"--style=file:{style}", "--dry-run", "--ferror-limit=0",
                              *map(str, files[i:i + AT_ONCE])], stderr=subprocess.PIPE, text=True)
        wrong |= set(re.findall(r"^(.+?):\d+:\d+: warning: code should be clang-formatted", run.stderr, re.M))
        if run.returncode:
            print(run.stderr)
            wrong.add(f"clang-format fails with {run.returncode}")
    return sorted(wrong)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    fix = "--fix" in sys.argv
    chosen = [pathlib.Path(a) for a in sys.argv[2:] if not a.startswith("-")]
    if not shutil.which("clang-format"):
        print("clang-format is not installed")
        return 77
    version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True).stdout
    if " 14." not in version:
        print(f"another clang-format lays out differently; 14 is needed, here is: {version.strip()}")
        return 77
    style = (root / ".clang-format").resolve()
    files = chosen or [p for room in ("cli", "compiler", "runtime", "tests")
                       for p in sorted((root / room).rglob("*.[ch]"))]
    if fix:
        subprocess.run(["clang-format", f"--style=file:{style}", "-i", *map(str, files)], check=True)
    wrong = [f"{file}: not as clang-format leaves it (tests/unit/format.py . --fix)"
             for file in misplaced(files, style)]
    for path in files:
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if re.search(rb"[^\t]\t", line):
                wrong.append(f"{path}:{number}: a tab behind something else")
            if len(line.decode(errors="replace").expandtabs(8)) > COLUMNS:
                wrong.append(f"{path}:{number}: wider than {COLUMNS} columns")
    print("\n".join(wrong + [f"{len(files)} files read, {len(wrong)} wrong"]))
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
