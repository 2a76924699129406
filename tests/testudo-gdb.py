# SPDX-License-Identifier: Apache-2.0
"""Printers and commands for gdb: what a policy, an SA and a configuration tree say, in words.

    gdb -x tests/testudo-gdb.py build/testudo
    (gdb) print *policy           addresses dotted, names spelled out; keys never
    (gdb) testudo tree t          the configuration tree as text, secrets hidden
    (gdb) testudo policy p        interfaces, lists and groups of a policy, a line each
    (gdb) testudo group g         what a dataplane was told: a struct dp_group
"""

import gdb


def dotted(value):
    n = int(value)
    return ".".join(str(n >> shift & 255) for shift in (24, 16, 8, 0))


def text(pointer, default="-"):
    return pointer.string(errors="replace") if int(pointer) else default



def end_of(addr, mask, port):
    n = int(mask)
    where = "any" if n == 0 else "host " + dotted(addr) if n == 0xFFFFFFFF else \
        "%s %s" % (dotted(addr), dotted(~n & 0xFFFFFFFF))
    return where + (" eq %d" % int(port) if int(port) else "")


class Secret:
    """struct secret and struct span of one: how long it is, and nothing else."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return "secret of %d octets" % int(self.value["n"])


class Prefix:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return "%s/%d" % (dotted(self.value["addr"]), int(self.value["len"]))


class Selector:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        v = self.value
        return "%s %s %s %s" % ("permit" if v["permit"] else "deny", int(v["proto"]) or "ip",
                                end_of(v["src"], v["src_mask"], v["sport"]),
                                end_of(v["dst"], v["dst_mask"], v["dport"]))


class Suite:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return " ".join(str(self.value[f.name]) for f in self.value.type.fields())


class DataplaneSa:
    """struct dp_sa"""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        v = self.value
        ways = [w for w in ("send", "receive", "transport") if v[w]]
        return "SPI 0x%08X of TEK policy %d, %s, %s, window %d" % (
            int(v["spi"]), int(v["sa"]), Suite(v["suite"]).to_string(), " ".join(ways) or "unused",
            int(v["window"]))


class Tek:
    """struct gm_tek"""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        v = self.value
        ways = [w for w in ("send", "receive", "offered", "keyed", "transport") if v[w]]
        return "SPI 0x%08X of TEK policy %d, %s, %s, expires at %d ms" % (
            int(v["spi"]), int(v["sa"]), Suite(v["suite"]).to_string(), " ".join(ways), int(v["expires"]))


class Policy:
    """struct policy: what there is of it; `testudo policy` shows it whole."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        v = self.value
        return "policy of %s: %d interfaces, %d access lists, %d groups, %d crypto maps" % (
            text(v["hostname"]), int(v["n_interfaces"]), int(v["n_acls"]), int(v["n_groups"]), int(v["n_maps"]))


PRINTERS = {"secret": Secret, "prefix": Prefix, "selector": Selector, "esp_suite": Suite,
            "dp_sa": DataplaneSa, "gm_tek": Tek, "policy": Policy}


def find_printer(value):
    kind = value.type.strip_typedefs()
    printer = PRINTERS.get(kind.tag) if kind.code == gdb.TYPE_CODE_STRUCT else None
    return printer(value) if printer else None


def rows(array, count):
    return (array[i] for i in range(int(count)))


def node_words(node):
    """A command of the tree; a word that is secret is hidden."""
    out = []
    for word in rows(node["words"], node["n_words"]):
        out.append("<hidden>" if word["elem"]["secret"] else text(word["text"]))
    return ("no " if node["negated"] else "") + " ".join(out)


def print_nodes(first, depth):
    node = first
    while int(node):
        print(" " * depth + node_words(node.dereference()))
        print_nodes(node["first"], depth + 1)
        node = node["next"]


def print_policy(p):
    print(Policy(p).to_string())
    for i in rows(p["interfaces"], p["n_interfaces"]):
        print(" interface %s %s%s%s" % (
            text(i["name"]), "%s/%d" % (dotted(i["addr"]), int(i["len"])) if i["has_address"] else "no address",
            ", crypto map " + text(i["crypto_map_name"]) if int(i["crypto_map_name"]) else "",
            ", shut" if i["shut"] else ""))
    for acl in rows(p["acls"], p["n_acls"]):
        print(" access list %s" % text(acl["name"]))
        for ace in rows(acl["aces"], acl["n_aces"]):
            print("  %d %s" % (int(ace["seq"]), text(ace["text"])))
    for g in rows(p["groups"], p["n_groups"]):
        where = "key server at " + dotted(g["server"]["addr"]) if g["local"] else \
            "member of " + ", ".join(dotted(s) for s in rows(g["servers"], g["n_servers"]))
        print(" group %s: %s" % (text(g["name"]), where))
        if g["local"]:
            for sa in rows(g["server"]["sas"], g["server"]["n_sas"]):
                print("  sa %d, %s, %s" % (int(sa["number"]), Suite(sa["suite"]).to_string(), text(sa["acl_name"])))
                for s in rows(sa["selectors"], sa["n_selectors"]):
                    print("   " + Selector(s).to_string())


def print_group(g):
    print("group %s, %s" % (text(g["name"]), g["direction"]))
    for b in rows(g["bindings"], g["n_bindings"]):
        print(" on %s %d" % (text(b["interface"]), int(b["seq"])))
    for e in rows(g["entries"], g["n_entries"]):
        print(" %s, %s" % (Selector(e["selector"]).to_string(),
                           "of this node" if e["local"] else "TEK policy %d" % int(e["sa"])))
    for sa in rows(g["sas"], g["n_sas"]):
        print(" " + DataplaneSa(sa).to_string())


class Testudo(gdb.Command):
    """testudo tree|policy|group EXPRESSION: shows a struct tree, a struct policy, a struct dp_group."""

    SHOWN = {"tree": lambda v: print_nodes(v["root"]["first"], 0), "policy": print_policy, "group": print_group}

    def __init__(self):
        super().__init__("testudo", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        what, _, expression = argument.partition(" ")
        if what not in self.SHOWN or not expression:
            raise gdb.GdbError(self.__doc__)
        value = gdb.parse_and_eval(expression)
        while value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
            value = value.dereference()
        self.SHOWN[what](value)

    def complete(self, argument, word):
        return [w for w in self.SHOWN if w.startswith(word)]


gdb.pretty_printers.append(find_printer)
Testudo()
