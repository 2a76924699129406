# SPDX-License-Identifier: Apache-2.0
"""Holds computed routing tables against those that FRR comes to in network namespaces.

    routes.py ROUTES NETWORKS FIRST-SEED [KIND]

ROUTES makes a network of a seed and says what its routers' tables must be (tests/hunter/routes.c).
Every router gets a namespace and FRR's daemons with a run directory of their own; links are veth
pairs, or a bridge where more than two are on one.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

AT_ONCE = 2
PATIENCE = 60  # seconds until the tables must be there
DAEMONS = pathlib.Path("/usr/lib/frr")
# As zebra marks them in the kernel, where iproute2 has no names for them.
PROTOCOLS = {"186": "bgp", "188": "ospf", "189": "rip", "192": "eigrp"}
# Ranges of areas, which nothing else is as long as. Now and then FRR leaves the area itself what it told it
# while it had nobody there and heard of the range from another border router.
RANGE = "/20"
# What FRR calls by itself to be quicker; it changes no table.
HASTE = {
    "ospf": " timers throttle spf 0 50 200\n timers throttle lsa all 0\n timers lsa min-arrival 0\n",
}


def run(*command, stdin=None):
    done = subprocess.run([str(c) for c in command], input=stdin, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(str(c) for c in command)}: {done.stdout}{done.stderr}")
    return done.stdout


class Router:
    def __init__(self, network, name, plan):
        self.name, self.plan = name, plan
        self.netns = f"{network.prefix}.{name}"
        self.dir = network.dir / name
        self.config = network.dir / f"{name}.frr"
        self.daemons = []

    def start(self):
        self.dir.mkdir()
        shutil.chown(self.dir, "frr", "frr")
        for daemon in self.plan["daemons"]:
            log = open(self.dir / f"{daemon}.out", "wb")
            self.daemons.append(subprocess.Popen(
                ["nsenter", f"--net=/run/netns/{self.netns}", DAEMONS / daemon,
                 "-f", "/dev/null", "-P", "0", "--vty_socket", self.dir, "-z", self.dir / "zserv.api",
                 "-i", self.dir / f"{daemon}.pid", "--log", f"file:{self.dir}/{daemon}.log"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True))
            if daemon == "zebra":
                self.await_file("zserv.api")
        for daemon in self.plan["daemons"]:
            self.await_file(f"{daemon}.vty")

    def await_file(self, name):
        for _ in range(600):
            if (self.dir / name).exists():
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name}: FRR does not start: no {name}")

    def vtysh(self, *arguments):
        return run("vtysh", "--vty_socket", self.dir, "--config_dir", self.dir, *arguments)

    def configure(self):
        text = self.config.read_text()
        if "router ospf\n" in text:
            text += "router ospf\n" + HASTE["ospf"] + "exit\n"
        neighbors = re.findall(r"^ neighbor (\S+) remote-as", text, re.M)
        if neighbors:
            text += re.search(r"^router bgp \d+\n", text, re.M).group()
            text += "".join(f" neighbor {n} timers connect 1\n" for n in neighbors)
            # Not by which path came first: that is chance.
            text += " bgp bestpath compare-routerid\nexit\n"
        hasty = self.dir / "hasty.conf"
        hasty.write_text(text)
        said = self.vtysh("-f", hasty)
        if re.search(r"^%|[Uu]nknown command|[Aa]mbiguous|[Ii]ncomplete", said, re.M):
            raise RuntimeError(f"{self.name}: FRR does not take its configuration: {said}")

    def kernel(self):
        """Prefix: protocol, set of next hops."""
        table = {}
        for route in json.loads(run("ip", "-n", self.netns, "-j", "-4", "route") or "[]"):
            protocol = PROTOCOLS.get(str(route.get("protocol")), route.get("protocol"))
            if protocol not in PROTOCOLS.values() or "gateway" not in route and "nexthops" not in route:
                continue
            to = {"default": "0.0.0.0/0"}.get(route["dst"], route["dst"])
            hops = route.get("nexthops", [route])
            table[to if "/" in to else to + "/32"] = (
                protocol, frozenset((h.get("gateway", ""), h["dev"]) for h in hops))
        return table

    def zebra(self):
        """Prefix: protocol, distance, metric, set of next hops as they were told."""
        table = {}
        for to, entries in json.loads(self.vtysh("-c", "show ip route json")).items():
            for e in entries:
                if not e.get("selected") or e["protocol"] not in PROTOCOLS.values():
                    continue
                hops = frozenset(h.get("ip", "") for h in e["nexthops"]
                                 if not h.get("resolver") and not h.get("blackhole") and not h.get("unreachable"))
                table[to] = (e["protocol"], e["distance"], e["metric"], hops)
        return table

    def stop(self):
        for daemon in self.daemons:
            try:
                os.killpg(daemon.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            daemon.wait()


def wanted(routes):
    """The tables as the kernel and as zebra should have them, of what the engine computes."""
    kernel, zebra = {}, {}
    for r in routes:
        if not r["hops"]:  # dropped here, as the rest of a range; how far that is nobody asks
            zebra[r["to"]] = (r["protocol"], r["distance"], None, frozenset())
            continue
        # RFC 2453 3.9.2 counts the link by which a route came; IOS counts it when it sends.
        metric = r["metric"] + (r["protocol"] == "rip")
        hops = frozenset(via for via, _ in r["hops"])
        zebra[r["to"]] = (r["protocol"], r["distance"], metric, hops)
        # The next hops of BGP are addresses that other routes lead to.
        kernel[r["to"]] = (r["protocol"], None if r["protocol"] == "bgp" else
                           frozenset((via, device) for via, device in r["hops"]))
    return kernel, zebra


def differences(want, have):
    found = []
    for to in sorted(want.keys() | have.keys()):
        a, b = want.get(to), have.get(to)
        if a is None and to.endswith(RANGE):
            continue
        if not a or not b or any(x is not None and x != y for x, y in zip(a, b)):
            found.append(f"{to}: computed {show(a)}, FRR {show(b)}")
    return found


def show(entry):
    if entry is None:
        return "none"
    return " ".join(str(sorted(e)) if isinstance(e, frozenset) else str(e) for e in entry)


class Network:
    def __init__(self, program, seed, kind):
        self.seed, self.prefix = seed, f"tdroutes{os.getpid()}-{seed}"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="testudo-routes-"))
        self.dir.chmod(0o711)  # FRR's user goes into its part
        run(program, "--seed", seed, *(["--kind", kind] if kind else []), self.dir)
        self.plan = json.loads((self.dir / "plan.json").read_text())
        self.routers = {n: Router(self, n, p) for n, p in self.plan["routers"].items()}
        self.made = []

    def netns(self, name):
        run("ip", "netns", "add", name)
        self.made.append(name)

    def build(self):
        segments = {}
        for router in self.routers.values():
            self.netns(router.netns)
            run("nsenter", f"--net=/run/netns/{router.netns}", "sysctl", "-q", "-w", "net.ipv4.ip_forward=1",
                "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0")
            lines = ["link set lo up"]
            if "loopback" in router.plan:
                lines.append(f"address add {router.plan['loopback']} dev lo")
            run("ip", "-n", router.netns, "-batch", "-", stdin="\n".join(lines) + "\n")
            for port in router.plan["ports"]:
                segments.setdefault(port["segment"], []).append((router, port))
        self.segments = segments
        for number, ends in segments.items():
            self.link(number, ends)
        for router in self.routers.values():
            lines = []
            for port in router.plan["ports"]:
                lines.append(f"address add {port['address']} dev {port['device']}")
                lines.append(f"link set {port['device']} up")
            run("ip", "-n", router.netns, "-batch", "-", stdin="\n".join(lines) + "\n")

    def link(self, number, ends):
        if len(ends) == 2:
            (a, p), (b, q) = ends
            run("ip", "link", "add", p["device"], "netns", a.netns, "type", "veth",
                "peer", "name", q["device"], "netns", b.netns)
        else:  # alone at a switch, too: a line needs another end
            switch = f"{self.prefix}.switch{number}"
            self.netns(switch)
            run("ip", "-n", switch, "link", "add", "switch", "type", "bridge")
            run("ip", "-n", switch, "link", "set", "switch", "up")
            for k, (router, port) in enumerate(ends):
                run("ip", "link", "add", port["device"], "netns", router.netns, "type", "veth",
                    "peer", "name", f"p{k}", "netns", switch)
                run("ip", "-n", switch, "link", "set", f"p{k}", "master", "switch", "up")

    def start(self):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(Router.start, self.routers.values()))
            list(pool.map(Router.configure, self.routers.values()))

    def play(self, phase):
        """A cable of two is down when one end is: the other end sees no carrier."""
        if "device" in phase:
            run("ip", "-n", self.routers[phase["router"]].netns, "link", "set", phase["device"],
                "up" if phase["up"] else "down")

    def compare(self, phase):
        """What differs when all is quiet, or patience is over."""
        end = time.monotonic() + PATIENCE
        while True:
            found = []
            for name, router in self.routers.items():
                kernel, zebra = wanted(phase["tables"][name])
                here = differences(kernel, router.kernel())
                if not here:
                    here = differences(zebra, router.zebra())
                found += [f"{name} {d}" for d in here]
                if found and time.monotonic() < end:
                    break
            if not found or time.monotonic() >= end:
                return found
            time.sleep(0.5)

    def close(self, keep):
        for router in self.routers.values():
            router.stop()
        for name in self.made:
            subprocess.run(["ip", "netns", "del", name], check=False)
        if not keep:
            shutil.rmtree(self.dir)


def try_network(program, seed, kind):
    network, found, keep = Network(program, seed, kind), [], False
    start = time.monotonic()
    try:
        network.build()
        network.start()
        routes = 0
        for number, phase in enumerate(network.plan["phases"]):
            if not phase["settles"]:
                return f"seed {seed}: its protocols come to no end", []
            network.play(phase)
            found = network.compare(phase)
            routes += sum(len(t) for t in phase["tables"].values())
            if found:
                keep = True
                found = [f"seed {seed} ({network.plan['kind']}), phase {number}: {f}" for f in found]
                found.append(f"seed {seed}: all of it is in {network.dir}")
                break
        return (f"seed {seed} ({network.plan['kind']}): {len(network.routers)} routers, {routes} routes in "
                f"{len(network.plan['phases'])} phases, {time.monotonic() - start:.0f} s"), found
    finally:
        network.close(keep)


def main():
    program, count, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    kind = sys.argv[4] if len(sys.argv) > 4 else None
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(try_network, program, seed, kind) for seed in range(first, first + count)]
        for future in futures:
            said, found = future.result()
            print(said, *found, sep="\n", flush=True)
            failed += bool(found)
    print(f"{count} networks, {failed} with differences")
    return 1 if failed else 0


sys.exit(main())
