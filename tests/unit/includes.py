"""Holds the source to its rooms: by what a file includes, and by what an object calls.

A room is a folder. A row of ROOMS names one and the rooms that it may use, all of them in rows
above it: so the arrows go down, and there is no circle. What a file includes is held against the
table, and what it calls: the symbols that an object of the build needs and another one defines.
A foreign library is included where FOREIGN names it and nowhere else.

    includes.py [SOURCE [BUILD]]     without a build the calls are not looked at

It first shows itself wrong arrows, to prove that it sees them.
"""

import fnmatch
import pathlib
import re
import subprocess
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# The picture, the top floor first; who stands beside each other may use each other where the table
# says so, and then in one direction.
#
#   cli        app
#              lab, tools
#              live
#              exec, show, firewall
#              ssh, local, term
#              shell
#              device
#              files, frr, accounts
#   runtime    node
#              host: sim, linux
#              dataplane: esp, kernel
#              filter, packet, core
#              store
#              wire, crypto, base, cage
#   compiler   check, diff, yaml
#              session
#              device
#              compile
#              tree
#              grammar, routing, multicast, frr
#              policy
#              base
#
# The lowest first: a room, and what it may use. "a/{b c}" is "a/b a/c".
ROOMS = """
compiler/base
compiler/policy      compiler/base
compiler/routing     compiler/{base policy}
compiler/multicast   compiler/{base policy}
compiler/frr         compiler/{base policy}
compiler/grammar     compiler/{base policy}
compiler/tree        compiler/{base grammar}
compiler/compile     compiler/{base policy frr grammar tree}
compiler/device      compiler/{base policy grammar tree compile}
compiler/session     compiler/{base grammar tree device}
compiler/check       compiler/{base policy routing multicast compile}
compiler/diff        compiler/{base tree}
compiler/yaml        compiler/{base grammar tree device}

runtime/base         compiler/base
runtime/wire         compiler/{base policy}
runtime/crypto       compiler/{base policy}
runtime/cage         compiler/base
runtime/store        compiler/base runtime/{crypto}
runtime/packet       compiler/{base policy}
runtime/filter       compiler/{base policy} runtime/{base packet}
runtime/dataplane    compiler/{base policy} runtime/{base crypto}
runtime/dataplane/esp     compiler/{base policy} runtime/{base crypto packet dataplane}
runtime/dataplane/kernel  compiler/{base policy} runtime/{base packet dataplane dataplane/esp}
runtime/core         compiler/{base policy} runtime/{base wire crypto store dataplane}
runtime/host         compiler/{base policy routing multicast} runtime/{base packet filter dataplane}
runtime/host/sim     compiler/{base policy routing multicast} runtime/{base packet filter dataplane dataplane/esp host}
runtime/host/linux   compiler/{base policy frr} runtime/{base wire packet filter dataplane dataplane/kernel host}
runtime/node         compiler/{base policy} runtime/{base crypto core dataplane host}

cli/accounts         compiler/{base policy grammar tree} runtime/{base crypto node}
cli/files            compiler/base
cli/device           compiler/{base policy grammar tree compile device session diff yaml} runtime/{base node} cli/{accounts files}
cli/shell            compiler/{base grammar tree session} runtime/node cli/{accounts files device}
cli/term             compiler/base cli/{device shell}
cli/ssh              compiler/{base tree} runtime/{base wire crypto node} cli/{accounts files device shell term}
cli/show             compiler/{base policy routing multicast grammar check tree diff yaml} runtime/{base crypto cage dataplane core host node} cli/{accounts files device shell ssh}
cli/exec             compiler/{base policy grammar tree yaml} runtime/{base crypto node} cli/{accounts files device shell ssh show}
cli/firewall         compiler/{base policy routing grammar tree compile} runtime/{filter node} cli/{device shell show}
cli/local            compiler/base cli/{device shell term}
cli/live             compiler/base runtime/{base core node} cli/{device shell term ssh local}
cli/frr              compiler/{base frr} runtime/base cli/files
cli/lab              compiler/{base policy grammar device session yaml} runtime/{base store crypto host/sim host/linux node} cli/{device files frr shell live}
cli/tools            compiler/{base policy tree device check yaml} runtime/node cli/{device files local show lab}
cli/app              compiler/{base tree} runtime/{base cage store crypto host/linux node} cli/{accounts device files frr shell term show exec firewall live lab tools}
"""

# Arrows that are still wrong: (who uses, whom). One that is not there any more is an error, too.
EXCEPTIONS = [
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
    ("uv.h", ["runtime/host/*", "runtime/dataplane/*", "cli/*loop*.[ch]", "cli/term/*", "cli/ssh/*", "cli/local/*", "cli/lab/*"]),
    ("openssl/*", ["runtime/crypto/*", "tests/*"]),
    ("seccomp.h", ["runtime/cage/cage_calls.c", "runtime/cage/cage_table.c", "tests/*"]),
    ("sqlite3.h", ["runtime/store/store_sqlite*.[ch]", "tests/*"]),
    ("curl/*", ["runtime/host/linux/linux_fetch.c", "runtime/store/store_etcd_*"]),
    ("jansson.h", ["runtime/store/store_etcd_*"]),
    ("libmnl/*", ["runtime/host/*", "runtime/dataplane/*", "tests/*"]),
    ("libnftnl/*", ["runtime/host/*", "runtime/dataplane/*"]),
    ("cmocka.h", ["tests/*"]),
]

SYSTEM = re.compile(r"^(sys/|arpa/|net/|netinet/|linux/|[a-z0-9_]+\.h$)")

def expand(words):
    """The rooms that a row's words stand for: "a/{b c} d" is a/b, a/c, d."""
    words = re.sub(r"(\S+)\{([^}]*)\}", lambda m: " ".join(m[1] + w for w in m[2].split()), words)
    return words.split()


def read_rooms(text):
    """{room: the rooms it may use, itself among them}, in the order of the rows."""
    rooms = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, *uses = expand(line)
        if name in rooms:
            sys.exit(f"ROOMS: {name} has two rows")
        for used in uses:
            if used not in rooms:
                sys.exit(f"ROOMS: {name} uses {used}, which is in no row above it")
        rooms[name] = {name, *uses}
    return rooms


USES = read_rooms(ROOMS)


def room_of(file):
    """The folder of a file; what gramc makes is of the grammar's room."""
    if file in ("grammar.h", "generated/grammar.c"):
        return "compiler/grammar"
    return file.rsplit("/", 1)[0]


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, p) for p in patterns)


def wrong_arrow(user, used, exceptions, needed=None):
    """Why one room may not use the other; None: it may, and the arrow is added to those needed.
    What is excepted is noted there."""
    if user not in USES:
        return f"{user} is no room of the table"
    if used in USES[user]:
        if needed is not None:
            needed.add((user, used))
        return None
    if (user, used) in exceptions:
        exceptions[user, used] += 1
        return None
    return f"{user} may not use {used}"


def allowed(file, included, quoted, exceptions, needed=None):
    """None when file may include it, else why not."""
    if not quoted:
        for header, places in FOREIGN:
            if fnmatch.fnmatchcase(included, header):
                return None if matches(file, places) else f"only {', '.join(places)} may"
        return None if SYSTEM.match(included) else "no library that FOREIGN knows"
    for source, target in FORBIDDEN:
        if fnmatch.fnmatchcase(file, source) and fnmatch.fnmatchcase(included, target):
            return f"{source} never includes {target}"
    if file.startswith("tests/"):
        return None
    return wrong_arrow(room_of(file), room_of(included), exceptions, needed)


def unneeded_arrows(rooms, needed):
    """What the table allows, and nobody includes or calls."""
    return [f"ROOMS: {user} does not use {used}" for user, uses in rooms.items()
            for used in sorted(uses) if used != user and (user, used) not in needed]


def check_includes(root, exceptions, needed):
    wrong = []
    seen = 0
    for folder in ("cli", "compiler", "runtime", "tests"):
        for path in sorted(pathlib.Path(root, folder).rglob("*.[ch]")):
            file = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), 1):
                m = INCLUDE.match(line)
                if not m:
                    continue
                seen += 1
                why = allowed(file, m.group(2), m.group(1) == '"', exceptions, needed)
                if why:
                    wrong.append(f"{file}:{number}: includes {m.group(2)}: {why}")
    print(f"{seen} includes read, {len(wrong)} wrong")
    return wrong if seen else ["no include was found"]


# --- calls ---------------------------------------------------------------------------------------


def objects_of(root, build):
    """(source file, object) of every object of ours; none whose source is gone."""
    for path in sorted(pathlib.Path(build, "CMakeFiles").rglob("*.c.o")):
        m = re.search(r"\.dir/(.*)\.o$", path.as_posix())
        file = m.group(1)
        if file == "generated/grammar.c" or pathlib.Path(root, file).exists():
            yield file, path


def symbols_of(objects):
    """What each file defines, and what it needs: {symbol: file}, {file: symbols}."""
    defines, needs = {}, {}
    by_path = {str(path): file for file, path in objects}
    out = subprocess.run(["nm", "-A", *by_path], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        path, _, rest = line.partition(":")
        words = rest.split()
        if words[-2] in "TDBRVWC":
            defines[words[-1]] = by_path[path]
        elif words[-2] == "U":
            needs.setdefault(by_path[path], set()).add(words[-1])
    return defines, needs


def check_calls(root, build, exceptions, needed):
    objects = list(objects_of(root, build))
    if not objects:
        print("no objects: the calls were not looked at")
        return []
    defines, needs = symbols_of(objects)
    wrong = []
    seen = 0
    for file, symbols in sorted(needs.items()):
        for symbol in sorted(symbols):
            if symbol not in defines:
                continue
            seen += 1
            why = wrong_arrow(room_of(file), room_of(defines[symbol]), exceptions, needed)
            if why:
                wrong.append(f"{file}: needs {symbol} of {defines[symbol]}: {why}")
    print(f"{seen} calls read, {len(wrong)} wrong")
    return wrong


def check(root, build):
    exceptions = dict.fromkeys(EXCEPTIONS, 0)
    needed = set()
    wrong = check_includes(root, exceptions, needed)
    calls = check_calls(root, build, exceptions, needed) if build else []
    unused = [f"EXCEPTIONS: {a} -> {b} is there no more"
              for (a, b), n in exceptions.items() if build and not n]
    unused += unneeded_arrows(USES, needed) if build else []
    for line in wrong + calls + unused:
        print(line)
    return not (wrong or calls or unused)


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
        ("cli/shell/shell.c", "libcli.h", False),
        ("cli/shell/shell.c", "cli/show/structured.h", True),
        ("cli/device/router.c", "cli/shell/shell.h", True),
        ("cli/nowhere/new.c", "compiler/base/base.h", True),
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
        ("cli/show/show_ip.c", "grammar.h", True),
    ]
    bad = [c for c in wrong if not allowed(*c, {})] + [c for c in right if allowed(*c, {})]
    if unneeded_arrows({"a": {"a"}, "b": {"a", "b"}, "c": {"a", "c"}}, {("b", "a")}) != ["ROOMS: c does not use a"]:
        bad.append("an arrow that nobody needs")
    for c in bad:
        print("self-test: judged wrongly:", c)
    return not bad


if __name__ == "__main__":
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    sys.exit(0 if self_test() and check(root, sys.argv[2] if len(sys.argv) > 2 else None) else 1)
