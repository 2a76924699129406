#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds every #include against the table of allowed arrows (CONVENTIONS: where a thing lives).

cli -> compiler -> policy <- runtime; inside runtime wire, crypto <- core <- node -> dataplane,
host. A foreign library is included where it is named below and nowhere else.
It first shows itself wrong arrows, to prove that it sees them.
"""

import fnmatch
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

POLICY = ["compiler/base/*", "compiler/policy/*"]
# What the whole runtime shares.
SHARED = ["runtime/base/*"]

# Files (first match counts) and what they may include of ours.
ARROWS = [
    ("compiler/base/*", ["compiler/base/*"]),
    ("compiler/policy/*", POLICY),
    ("compiler/*", ["compiler/*", "grammar.h"]),
    ("runtime/base/*", POLICY + SHARED),
    ("runtime/wire/*", POLICY + ["runtime/wire/*"]),
    ("runtime/crypto/*", POLICY + ["runtime/crypto/*"]),
    # The core speaks of what a dataplane shall do in the dataplane's own plain structs.
    ("runtime/core/*", POLICY + SHARED + ["runtime/core/*", "runtime/wire/*", "runtime/crypto/*",
                                          "runtime/dataplane/dataplane.h", "runtime/node/snapshot.h"]),
    ("runtime/packet/*", POLICY + SHARED + ["runtime/packet/*"]),
    ("runtime/dataplane/*", POLICY + SHARED + ["runtime/dataplane/*", "runtime/packet/*", "runtime/crypto/*"]),
    # The filter looks at packets, and a host asks it about them.
    ("runtime/filter/*", POLICY + SHARED + ["runtime/filter/*", "runtime/packet/*"]),
    ("runtime/host/*", POLICY + SHARED + ["runtime/host/*", "runtime/dataplane/*", "runtime/packet/*",
                                          "runtime/filter/*"]),
    ("runtime/*", POLICY + ["runtime/*"]),
    ("cli/*", ["cli/*", "compiler/*", "runtime/*", "grammar.h"]),
    ("tests/*", ["*"]),
]

# Never together, whatever the table says: (file, included).
FORBIDDEN = [
    ("runtime/core/ks*", "runtime/core/gm*"),
    ("runtime/core/gm*", "runtime/core/ks*"),
    # `show` and the shells see the runtime through its node and snapshots.
    ("cli/show/*", "runtime/wire/*"),
    ("cli/show/*", "runtime/core/ks*"),
    ("cli/show/*", "runtime/core/gm*"),
]

# Foreign headers and the only files that may include them.
FOREIGN = [
    ("libcli.h", ["cli/term/term_edit.c"]),
    ("libtelnet.h", ["cli/term/telnet.[ch]"]),
    ("libssh/*", ["cli/ssh/*"]),
    ("yaml.h", ["compiler/yaml/*", "compiler/base/emit_yaml.c", "cli/lab/*yaml*.[ch]"]),
    ("uv.h", ["runtime/host/*", "runtime/dataplane/*", "cli/*loop*.[ch]", "cli/term/*", "cli/ssh/*", "cli/lab/*",
              "cli/app/main.c"]),
    ("openssl/*", ["runtime/crypto/*", "tests/*"]),
    ("libmnl/*", ["runtime/host/*", "runtime/dataplane/*"]),
    ("libnftnl/*", ["runtime/host/*", "runtime/dataplane/*"]),
    ("cmocka.h", ["tests/*"]),
]

SYSTEM = re.compile(r"^(sys/|arpa/|net/|netinet/|linux/|[a-z0-9_]+\.h$)")


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, p) for p in patterns)


def allowed(file, included, quoted):
    """None when file may include it, else why not."""
    if not quoted:
        for header, places in FOREIGN:
            if fnmatch.fnmatchcase(included, header):
                return None if matches(file, places) else f"only {', '.join(places)} may"
        return None if SYSTEM.match(included) else "no library known to CONVENTIONS"
    for source, target in FORBIDDEN:
        if fnmatch.fnmatchcase(file, source) and fnmatch.fnmatchcase(included, target):
            return f"{source} never includes {target}"
    for pattern, targets in ARROWS:
        if fnmatch.fnmatchcase(file, pattern):
            return None if matches(included, targets) else f"{pattern} may include {targets}"
    return "the file is in no room of the table"


def check(root):
    wrong = 0
    seen = 0
    for folder in ("cli", "compiler", "runtime", "tests"):
        for path in sorted(pathlib.Path(root, folder).rglob("*.[ch]")):
            file = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), 1):
                m = INCLUDE.match(line)
                if not m:
                    continue
                seen += 1
                why = allowed(file, m.group(2), m.group(1) == '"')
                if why:
                    print(f"{file}:{number}: includes {m.group(2)}: {why}")
                    wrong += 1
    print(f"{seen} includes read, {wrong} wrong")
    return wrong == 0 and seen > 0


def self_test():
    wrong = [
        ("compiler/policy/policy.c", "compiler/tree/tree.h", True),
        ("compiler/compile/compile.c", "runtime/node/node.h", True),
        ("runtime/node/node.c", "compiler/tree/tree.h", True),
        ("runtime/node/node.c", "cli/device/router.h", True),
        ("runtime/wire/gdoi.c", "runtime/crypto/prf.h", True),
        ("runtime/crypto/prf.c", "runtime/wire/rd.h", True),
        ("runtime/core/core.c", "runtime/host/host.h", True),
        ("runtime/core/ks.c", "runtime/core/gm.h", True),
        ("runtime/core/gm_pull.c", "runtime/core/ks.h", True),
        ("runtime/dataplane/esp/esp.c", "runtime/core/core.h", True),
        ("cli/show/show_crypto.c", "runtime/wire/gdoi.h", True),
        ("runtime/core/ike.c", "openssl/evp.h", False),
        ("cli/session.c", "libcli.h", False),
        ("compiler/tree/tree.c", "yaml.h", False),
        ("runtime/core/core.c", "uv.h", False),
    ]
    right = [
        ("runtime/core/ks.c", "runtime/core/core.h", True),
        ("runtime/dataplane/esp/esp.c", "runtime/crypto/cipher.h", True),
        ("compiler/compile/compile.c", "compiler/policy/policy.h", True),
        ("compiler/yaml/config_read.c", "yaml.h", False),
        ("cli/term/term_edit.c", "libcli.h", False),
        ("cli/term/term.c", "stdio.h", False),
    ]
    bad = [c for c in wrong if allowed(*c) is None] + [c for c in right if allowed(*c)]
    for c in bad:
        print("self-test: judged wrongly:", c)
    return not bad


if __name__ == "__main__":
    ok = self_test() and check(sys.argv[1] if len(sys.argv) > 1 else ".")
    sys.exit(0 if ok else 1)
