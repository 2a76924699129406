#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file is as clang-format leaves it. format.py ROOT [--fix] [FILE...]

Also: tabs stand at the beginning of a line only. Exit status 77: no clang-format here.
"""

import pathlib
import re
import shutil
import subprocess
import sys


def formatted(path, style):
    run = subprocess.run(["clang-format", f"--style=file:{style}", str(path)],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return run.stdout if run.returncode == 0 else None


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
    style = root / ".clang-format"
    files = chosen or [p for room in ("cli", "compiler", "runtime", "tests")
                       for p in sorted((root / room).rglob("*.[ch]"))]
    wrong = 0
    for path in files:
        want = formatted(path, style.resolve())
        if want is None:
            print(f"{path}: clang-format fails on it")
            wrong += 1
        elif want != path.read_bytes():
            if fix:
                path.write_bytes(want)
            else:
                print(f"{path}: not as clang-format leaves it (tests/unit/format.py . --fix)")
                wrong += 1
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if re.search(rb"[^\t]\t", line):
                print(f"{path}:{number}: a tab behind something else")
                wrong += 1
    print(f"{len(files)} files read, {wrong} wrong")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
