# SPDX-License-Identifier: Apache-2.0
"""The hour of tests/soak/real: two key servers, three members, and what happens to them.

Server A, and the members 1 and 2 of both groups, run from beginning to end: these are the ones that
must not grow. Server B is killed again and again; member 3, of group A alone, comes and goes.
"""

import ctypes
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

testudo, tmp, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])
NODES = {"tdsa": "10.9.1.1", "tdsb": "10.9.2.1", "tds1": "10.9.3.1", "tds2": "10.9.4.1", "tds3": "10.9.5.1"}
LASTING = ("tdsa", "tds1", "tds2")
WARM_UP = min(600, seconds // 4)
random.seed(1)
counts = {}
counting = threading.Lock()
quiet = threading.Condition()  # a session takes place, or a sample
sessions, sampling, over = 0, False, False


def run(*words, check=True, **more):
    return subprocess.run(words, check=check, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, **more)


def count(what, n=1):
    with counting:
        counts[what] = counts.get(what, 0) + n


# --- the network --------------------------------------------------------------------------------------


def build_network():
    run("ip", "-n", "tdsk", "link", "set", "lo", "up")
    run("ip", "netns", "exec", "tdsk", "sysctl", "-qw", "net.ipv4.ip_forward=1")
    for i, (node, address) in enumerate(NODES.items()):
        run("ip", "netns", "add", node)
        run("ip", "-n", node, "link", "set", "lo", "up")
        run("ip", "link", "add", f"e{i}", "netns", "tdsk", "type", "veth", "peer", "name", "eth0", "netns", node)
        run("ip", "-n", "tdsk", "addr", "add", address[:-1] + "2/24", "dev", f"e{i}")
        run("ip", "-n", "tdsk", "link", "set", f"e{i}", "up")
        run("ip", "-n", node, "link", "set", "eth0", "up")
    for i in 1, 2, 3:
        run("ip", "-n", "tdsk", "route", "add", f"192.168.{i}.1", "via", NODES[f"tds{i}"])
        run("ip", "-n", "tdsk", "route", "add", f"172.16.{i}.1", "via", NODES[f"tds{i}"])


COMMON = """hostname {name}
username admin privilege 15 secret 0 Turtle1
crypto isakmp policy 10
 encryption aes
 hash sha256
 group 19
 authentication pre-share
 lifetime 300
crypto isakmp key 0 soaked address 0.0.0.0 0.0.0.0
interface FastEthernet0/0
 ip address {address} 255.255.255.0
ip route 0.0.0.0 0.0.0.0 {gateway}
line vty 0 4
 login local
"""
SERVER = """crypto ipsec transform-set TSET esp-aes esp-sha-hmac
crypto ipsec profile PROFILE
 set security-association lifetime seconds 120
 set transform-set TSET
crypto gdoi group {group}
 identity number {number}
 server local
  rekey lifetime seconds 300
  rekey retransmit 10 number {retransmit}
  rekey authentication mypubkey rsa KEY
  rekey transport unicast
{more}  address ipv4 {address}
  sa ipsec 1
   profile PROFILE
   match address ipv4 LAN
   replay counter window-size 64
ip access-list extended LAN
 permit ip {net} 0.0.255.255 {net} 0.0.255.255
"""
MEMBER = """crypto gdoi group {group}
 identity number {number}
 server address ipv4 {server}
crypto map CMAP {number} gdoi
 set group {group}
"""


def write_config(node, turn=0):
    """Every second turn has a line or two more, so that there is something to apply."""
    address = NODES[node]
    text = COMMON.format(name=node, address=address, gateway=address[:-1] + "2")
    if node in ("tdsa", "tdsb"):
        text += SERVER.format(group=node[-1].upper(), number=10 if node == "tdsa" else 20, address=address,
                              retransmit=2 + turn % 2, net="192.168.0.0" if node == "tdsa" else "172.16.0.0",
                              more="  rekey management-algorithm lkh\n" if node == "tdsa" else "")
    else:
        text += MEMBER.format(group="A", number=10, server=NODES["tdsa"])
        if node != "tds3":
            text += MEMBER.format(group="B", number=20, server=NODES["tdsb"])
        text += f"interface Loopback0\n ip address 192.168.{node[-1]}.1 255.255.255.255\n"
        text += f"interface Loopback1\n ip address 172.16.{node[-1]}.1 255.255.255.255\n"
        text += "interface FastEthernet0/0\n crypto map CMAP\n"
    if turn % 2:
        text += "ip access-list extended SPARE\n permit ip any any\nlogging buffered 65536\n"
    folder = f"{tmp}/{node}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/new", "w") as f:
        f.write(text)
    os.rename(f"{folder}/new", f"{folder}/cfg")


class Router:
    def __init__(self, node):
        self.node = node
        write_config(node)
        self.log = open(f"{tmp}/{node}.log", "a")
        self.begun = 0
        self.start()

    def start(self):
        self.begun = os.path.getsize(self.log.name)
        self.p = subprocess.Popen(
            [testudo, "run", "--netns", self.node, "--name", self.node, "--config", f"{tmp}/{self.node}/cfg",
             "--interface", "f0/0=eth0", "--socket", f"{tmp}/{self.node}/sock", "--telnet", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.port = int(self.until(r"telnet 127\.0\.0\.1 (\d+)")[1])

    def said(self):
        with open(self.log.name) as f:
            f.seek(self.begun)
            return f.read()

    def until(self, pattern, limit=60):
        end = time.monotonic() + limit
        while not (m := re.search(pattern, self.said())):
            if self.p.poll() is not None:
                raise AssertionError(f"{self.node} ended with {self.p.returncode}:\n{self.said()[-3000:]}")
            if time.monotonic() > end:
                raise AssertionError(f"{self.node} does not say {pattern!r}:\n{self.said()[-3000:]}")
            time.sleep(0.1)
        return m

    def shell(self, *commands):
        """Commands of one session on the Unix socket."""
        done = subprocess.run([testudo, "sh", "--socket", f"{tmp}/{self.node}/sock"], input="\n".join(commands) + "\n",
                              capture_output=True, text=True, timeout=60)
        return done.stdout

    def stop(self, how=signal.SIGTERM):
        self.p.send_signal(how)
        status = self.p.wait(60)
        if how == signal.SIGTERM and status:
            raise AssertionError(f"{self.node} ended with {status}:\n{self.said()[-3000:]}")


# --- sessions -----------------------------------------------------------------------------------------


def session_sh(router):
    shows = ["show crypto gdoi", "show crypto isakmp sa", "show crypto ipsec sa", "show logging", "show running-config",
             "show crypto gdoi ks members", "show users", "show ip interface brief", "show crypto gdoi | json"]
    out = router.shell(*random.sample(shows, 3), "configure terminal", "interface Loopback9", "ip address 10.8.8.8 255.255.255.255",
                       "exit", "no interface Loopback9", "end")
    if "show" in out and "Invalid" in out:
        raise AssertionError(out)


def read_until(s, pattern, seen=b""):
    while not re.search(pattern, seen):
        got = s.recv(65536)
        if not got:
            raise AssertionError(f"closed before {pattern!r}: {seen!r}")
        seen += got
    return seen


def connect(router):
    """In its namespace."""
    setns = ctypes.CDLL(None, use_errno=True).setns
    with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{router.node}") as there:
        assert setns(there.fileno(), 0) == 0, os.strerror(ctypes.get_errno())
        try:
            return socket.create_connection(("127.0.0.1", router.port), 60)
        finally:
            assert setns(home.fileno(), 0) == 0


def session_telnet(router):
    with connect(router) as s:
        read_until(s, rb"Username: $")
        if random.random() < 0.2:
            return  # gone without a word
        s.sendall(b"admin\r\n")
        read_until(s, rb"Password: $")
        s.sendall(b"Turtle1\r\n")
        read_until(s, rb"#$")
        for _ in range(random.randrange(4)):
            s.sendall(b"terminal length 0\r\nshow crypto gdoi\r\n")
            read_until(s, rb"(?s)show crypto gdoi.*#$")
        if random.random() < 0.5:
            s.sendall(b"exit\r\n")


def session_ssh(router):
    with open(f"{tmp}/askpass", "w") as f:
        f.write("#!/bin/sh\necho Turtle1\n")
    os.chmod(f"{tmp}/askpass", 0o700)
    done = subprocess.run(
        ["ip", "netns", "exec", router.node, "ssh", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o",
         "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "NumberOfPasswordPrompts=1",
         *(["-tt"] if random.random() < 0.3 else []), f"admin@{NODES[router.node]}", "show crypto gdoi"],
        env={**os.environ, "SSH_ASKPASS": f"{tmp}/askpass", "SSH_ASKPASS_REQUIRE": "force"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if "GROUP" not in done.stdout.upper():
        raise AssertionError(f"ssh: {done}")


def worker(kind, session, pause):
    global sessions
    while True:
        with quiet:
            quiet.wait_for(lambda: not sampling or over)
            if over:
                return
            sessions += 1
        try:
            session(routers[random.choice(LASTING)])
            count(kind)
        except Exception as e:  # told once, at the end
            count(f"{kind} FAILED")
            failures.append(f"{kind}: {e!r}")
        finally:
            with quiet:
                sessions -= 1
                quiet.notify_all()
        time.sleep(random.uniform(0, 2 * pause))


# --- what happens -------------------------------------------------------------------------------------


def event_leave():
    routers["tds3"].stop()
    time.sleep(random.uniform(0, 5))
    routers["tds3"].start()
    routers["tds3"].until("GM_REGS_COMPL")


def event_kill_member():
    routers["tds3"].stop(signal.SIGKILL)
    time.sleep(random.uniform(0, 5))
    routers["tds3"].start()
    routers["tds3"].until("GM_REGS_COMPL")


def event_kill_server():
    routers["tdsb"].stop(signal.SIGKILL)
    time.sleep(random.uniform(0, 3))
    routers["tdsb"].start()
    routers["tdsb"].until("KS_RESTORED")


def event_expel():
    r = routers["tds3"]
    r.begun = os.path.getsize(r.log.name)
    routers["tdsa"].shell(f"clear crypto gdoi ks members {NODES['tds3']}", "yes")
    time.sleep(1)
    r.shell("clear crypto gdoi", "yes")
    r.until("GM_REGS_COMPL")


def event_rekey():
    routers[random.choice(("tdsa", "tdsb"))].shell("crypto gdoi ks rekey")


def event_reload():
    node = random.choice((*LASTING, "tdsb"))
    turns[node] = turns.get(node, 0) + 1
    r = routers[node]
    r.begun = os.path.getsize(r.log.name)
    write_config(node, turns[node])
    r.p.send_signal(signal.SIGHUP)
    r.until("Configured from .* by SIGHUP")


def event_unregister():
    routers[random.choice(("tds1", "tds2"))].shell("clear crypto isakmp")


# --- figures ------------------------------------------------------------------------------------------


def process_facts(pid):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        rollup = f.read()
    with open(f"/proc/{pid}/status") as f:
        status = f.read()
    return {"rss_kib": int(re.search(r"Rss:\s+(\d+)", rollup)[1]),
            "private_kib": int(re.search(r"Private_Dirty:\s+(\d+)", rollup)[1]),
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": int(re.search(r"Threads:\s+(\d+)", status)[1])}


def table_facts(node):
    r = routers[node]
    lines = {"members": ("show crypto gdoi ks members", r"Group Member ID"),
             "ike_sas": ("show crypto isakmp sa", r"GDOI_\w+|MM_\w+"),
             "ipsec_sas": ("show crypto ipsec sa", r"\n\s+spi: 0x"),
             "users": ("show users", r" vty |\bidle\b"),
             "log": ("show logging", r"\n\*?\w{3} +\d+ ")}
    facts = {k: len(re.findall(pattern, r.shell(command))) for k, (command, pattern) in lines.items()}
    facts["files"] = len(os.listdir(f"{tmp}/{node}"))
    facts["store_kib"] = sum(os.path.getsize(f"{tmp}/{node}/{f}") for f in os.listdir(f"{tmp}/{node}") if ".store" in f) // 1024
    facts["xfrm"] = len(re.findall(r"^src ", run("ip", "-n", node, "xfrm", "state").stdout, re.M))
    facts["policies"] = len(re.findall(r"^src ", run("ip", "-n", node, "xfrm", "policy").stdout, re.M))
    facts["rules"] = len(run("ip", "netns", "exec", node, "nft", "-a", "list", "ruleset").stdout.splitlines())
    return facts


def sample(at):
    """With no session open: what is there then is what stays."""
    global sampling
    with quiet:
        sampling = True
        quiet.wait_for(lambda: sessions == 0, 120)
    time.sleep(2)
    for node in LASTING:
        facts = process_facts(routers[node].p.pid)
        facts.update(table_facts(node))
        samples[node].append((at, facts))
        print(f"{at:6.0f} {node} " + " ".join(f"{k}={v}" for k, v in facts.items()), flush=True)
    with quiet:
        sampling = False
        quiet.notify_all()


# By how much a figure of the last third may be above the first third's after the warm-up. The log
# fills up to its 1000 lines, and goes no further.
ROOM = {"rss_kib": 1536, "private_kib": 1536, "descriptors": 0, "threads": 0, "members": 0, "ike_sas": 2, "ipsec_sas": 4, "users": 0,
        "log": 1000, "files": 1, "store_kib": 64, "xfrm": 8, "policies": 2, "rules": 8}


def judge():
    grown = []
    for node in LASTING:
        kept = [f for at, f in samples[node] if at >= WARM_UP]
        third = max(1, len(kept) // 3)
        for key, room in ROOM.items():
            first = statistics.median(f[key] for f in kept[:third])
            last = statistics.median(f[key] for f in kept[-third:])
            print(f"{node} {key}: {first:g} after the warm-up, {last:g} at the end")
            if last - first > room:
                grown.append(f"{node}: {key} grows from {first:g} to {last:g}")
    return grown


def pings(name):
    with open(f"{tmp}/{name}.ping") as f:
        m = re.search(r"(\d+) packets transmitted, (\d+) received", f.read())
    return int(m[1]), int(m[2])


def main():
    global over
    build_network()
    for node in "tdsa", "tdsb":
        os.makedirs(f"{tmp}/{node}", exist_ok=True)
        with open(f"{tmp}/{node}/cfg.keys", "w") as f:
            f.write("key KEY 0 1700000000000\n" + run("openssl", "genrsa", "2048").stdout)
        os.chmod(f"{tmp}/{node}/cfg.keys", 0o600)
    for node in NODES:
        routers[node] = Router(node)
    for node in "tds1", "tds2", "tds3":
        routers[node].until("GM_REGS_COMPL.* group A ")
    for node in "tds1", "tds2":
        routers[node].until("GM_REGS_COMPL.* group B ")
    pingers = [subprocess.Popen(["ip", "netns", "exec", "tds1", "ping", "-q", "-i", "0.2", "-W", "5", "-I", f"{net}.1.1", f"{net}.2.1"],
                                stdin=subprocess.DEVNULL, stdout=open(f"{tmp}/{name}.ping", "w"), stderr=subprocess.STDOUT)
               for name, net in (("A", "192.168"), ("B", "172.16"))]
    workers = [threading.Thread(target=worker, args=a, daemon=True)
               for a in (("sh", session_sh, 1), ("telnet", session_telnet, 2), ("ssh", session_ssh, 5))]
    for w in workers:
        w.start()
    events = [event_leave, event_leave, event_kill_member, event_kill_server, event_expel, event_rekey, event_reload, event_reload,
              event_unregister]
    begin = time.monotonic()
    every = max(10, seconds // 120)
    due = 0
    while (at := time.monotonic() - begin) < seconds:
        if at >= due:
            sample(at)
            due = at + every
        event = random.choice(events)
        try:
            event()
            count(event.__name__)
        except (AssertionError, subprocess.SubprocessError) as e:
            failures.append(f"{event.__name__}: {e}")
            break
        time.sleep(random.uniform(0, 6))
    sample(time.monotonic() - begin)
    with quiet:
        over = True
        quiet.notify_all()
    for w in workers:
        w.join(120)
    for p in pingers:
        p.send_signal(signal.SIGINT)
        p.wait(30)
    grown = judge()
    print(json.dumps(counts))
    for name in "A", "B":
        sent, got = pings(name)
        print(f"group {name}: {got} of {sent} pings")
        if got < sent - 1:  # the last one may be on its way
            grown.append(f"group {name}: {sent - got} pings are lost")
    for r in routers.values():
        r.stop()
    for text in failures[:5] + grown:
        print("FAILED:", text)
    return 1 if failures or grown else 0


routers, turns, failures, samples = {}, {}, [], {n: [] for n in LASTING}
try:
    sys.exit(main())
finally:
    for router in routers.values():
        router.p.kill()
